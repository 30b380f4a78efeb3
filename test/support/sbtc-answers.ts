/** The answers that an sBTC signer needs. No real signer has the keys of this set. */
export const sbtcAnswers = `SBTC_SIGNER=on
SBTC_SIGNATURES_REQUIRED=2
SBTC_SIGNING_SET=02b61056bb84aa2ff7d740a31334c68a691e93ed3a229632e1b22e5b47bbb87ec0,03b7606d1cc26cb9c315b114f765e46c1048881be8794add3024a9bb55212f314f,0378ce6a121f87f89e91a2dff541e9cbf413f6f825d9cb7e9be6128c6e13f7d35f
`
