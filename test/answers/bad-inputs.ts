/** Answer files that must be refused, and what is said: the messages and hints, without source lines and carets. */

export interface BadInput {
  readonly name: string
  readonly text: string
  /** The file lies outside the output directory, which is then `out`; else it lies in the output directory. */
  readonly outside?: true
  readonly want: readonly string[]
  /** The lines that hold a key: the whole command refuses them for that, and says nothing else of them. */
  readonly keyLines?: readonly number[]
}

/** The lines of a rendered list of problems that say something: all but source lines and carets. */
export function messageLines(rendered: string): readonly string[] {
  return rendered.split('\n').filter((line) => line !== '' && !/^ +\d* \| /.test(line))
}

const base = 'STACK_NAME=my-signer\nNETWORK=mainnet\n'
const key = 'a1b2c3d4'.repeat(8)

/** The answer file is called answers.env and is named so on the command line. */
export const badInputs: readonly BadInput[] = [
  {
    name: 'an empty file',
    text: '',
    want: [
      'answers.env:1:1: error: STACK_NAME is missing: name of this stack',
      '  hint: add a line like STACK_NAME=my-signer',
      'answers.env:1:1: error: NETWORK is missing: which Stacks network to sign for',
      '  hint: add a line like NETWORK=mainnet',
    ],
  },
  {
    name: 'comments alone',
    text: '# nothing here\n\n   # nor here\n',
    want: [
      'answers.env:1:1: error: STACK_NAME is missing: name of this stack',
      '  hint: add a line like STACK_NAME=my-signer',
      'answers.env:1:1: error: NETWORK is missing: which Stacks network to sign for',
      '  hint: add a line like NETWORK=mainnet',
    ],
  },
  {
    name: 'no network',
    text: 'STACK_NAME=my-signer\n',
    want: [
      'answers.env:1:1: error: NETWORK is missing: which Stacks network to sign for',
      '  hint: add a line like NETWORK=mainnet',
    ],
  },
  {
    name: 'a required answer left empty',
    text: 'STACK_NAME=\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:1: error: STACK_NAME is missing: name of this stack',
      '  hint: add a line like STACK_NAME=my-signer',
    ],
  },
  {
    name: 'a line that is no assignment',
    text: `${base}please sync fast\n`,
    want: [
      'answers.env:3:1: error: this line is not an assignment',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'a name alone',
    text: `${base}SNAPSHOT\n`,
    want: [
      'answers.env:3:1: error: this name has no = and no value',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'a name alone, the value on the next line',
    text: `${base}PLATFORM\n=linux/amd64\n`,
    want: [
      'answers.env:3:1: error: this name has no = and no value',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
      'answers.env:4:1: error: this line is not an assignment',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'two words before =',
    text: `${base}BITCOIN HOST=b.example.net\n`,
    want: [
      'answers.env:3:1: error: this line is not an assignment',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'YAML in place of an assignment',
    text: 'STACK_NAME: my-signer\nNETWORK: mainnet\n',
    want: [
      'answers.env:1:1: error: NAME: value is not an answer',
      '  hint: write = in place of the colon',
      'answers.env:2:1: error: NAME: value is not an answer',
      '  hint: write = in place of the colon',
    ],
  },
  {
    name: 'an answer given twice',
    text: `${base}SNAPSHOT=on\nSNAPSHOT=off\n`,
    want: [
      'answers.env:4:1: error: SNAPSHOT is given twice, here and in line 3',
      '  hint: keep one of the two lines',
    ],
  },
  {
    name: 'an answer given twice, once exported',
    text: `${base}export NETWORK=testnet\n`,
    want: [
      'answers.env:3:8: error: NETWORK is given twice, here and in line 2',
      '  hint: keep one of the two lines',
    ],
  },
  {
    name: 'a passed-through key given twice',
    text: `${base}SIGNER__dry_run=true\nSIGNER__dry_run=true\n`,
    want: [
      'answers.env:4:1: error: SIGNER__dry_run is given twice, here and in line 3',
      '  hint: keep one of the two lines',
    ],
  },
  {
    name: 'an unquoted # inside a value',
    text: `${base}SNAPSHOT_URL=https://a.example.net/x#1\n`,
    want: [
      'answers.env:3:37: error: an unquoted # begins a comment and cuts the value here',
      `  hint: put the value in single quotes: NAME='value'`,
    ],
  },
  {
    name: 'a value that is a comment',
    text: `${base}BITCOIN_RPC_USER=#stacks\n`,
    want: [
      'answers.env:3:18: error: an unquoted # begins a comment and cuts the value here',
      `  hint: put the value in single quotes: NAME='value'`,
    ],
  },
  {
    name: 'a quote that is not closed',
    text: `${base}BITCOIN_MODE="full\nSNAPSHOT=on\n`,
    want: [
      'answers.env:3:14: error: the quote " is not closed',
      '  hint: end the value with ", or put it in single quotes',
    ],
  },
  {
    name: 'a quote closed by a later line',
    text: `${base}BITCOIN_HOST="b.example.net\nBITCOIN_P2P_PORT="8333"\n`,
    want: [
      'answers.env:3:14: error: the quote " is not closed',
      '  hint: end the value with ", or put it in single quotes',
    ],
  },
  {
    name: 'a backslash before the closing quote',
    text: `${base}BITCOIN_RPC_USER='stacks\\\\'\n`,
    want: [
      `answers.env:3:18: error: the quote ' is not closed`,
      `  hint: end the value with '`,
    ],
  },
  {
    name: 'text after the closing quote',
    text: `${base}BITCOIN_MODE='full' please\n`,
    want: [
      'answers.env:3:21: error: there is text after the closing quote',
      '  hint: put the whole value into one pair of quotes, of a kind that it does not hold',
    ],
  },
  {
    name: 'a value that can be read in two ways',
    text: `${base}# a comment\u2028NODE_P2P_PORT=1\n`,
    want: [
      'answers.env:3:1: error: the file can be read in two ways: here it could also assign NODE_P2P_PORT',
      '  hint: write one assignment a line, and end the lines with nothing else than a line end',
    ],
  },
  {
    name: 'a NUL character',
    text: `${base}SNAPSHOT=o\0n\n`,
    want: [
      'answers.env:3:11: error: there is a NUL character: this is not a text file',
    ],
  },
  {
    name: 'more than a mebibyte',
    text: `${base}# ${'x'.repeat(1024 * 1024)}\n`,
    want: [
      'answers.env:1:1: error: the answer file has more than 1048576 characters',
    ],
  },
  {
    name: 'a name that begins with an underscore',
    text: `${base}__proto__=polluted\n`,
    want: [
      'answers.env:3:1: error: this is not a name: letters, digits and underscores, beginning with a letter',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'a name that begins with a digit',
    text: `${base}2NETWORK=mainnet\n`,
    want: [
      'answers.env:3:1: error: this is not a name: letters, digits and underscores, beginning with a letter',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'names of object methods',
    text: `${base}constructor=1\ntoString=2\n`,
    want: [
      'answers.env:3:1: error: unknown answer constructor',
      'answers.env:4:1: error: unknown answer toString',
    ],
  },
  {
    name: 'a misspelt answer',
    text: `STACK_NAME=my-signer\nNETWRK=mainnet\n`,
    want: [
      'answers.env:2:1: error: unknown answer NETWRK',
      '  hint: did you mean NETWORK?',
    ],
  },
  {
    name: 'an answer in small letters',
    text: `STACK_NAME=my-signer\nnetwork=mainnet\n`,
    want: [
      'answers.env:2:1: error: unknown answer network',
      '  hint: did you mean NETWORK?',
    ],
  },
  {
    name: 'an answer with dashes',
    text: `${base}SIGNER-KEY=generate\n`,
    want: [
      'answers.env:3:1: error: unknown answer SIGNER-KEY',
      '  hint: did you mean SIGNER_KEY?',
    ],
  },
  {
    name: 'an answer that nothing resembles',
    text: `${base}FAVOURITE_COLOUR=blue\n`,
    want: [
      'answers.env:3:1: error: unknown answer FAVOURITE_COLOUR',
    ],
  },
  {
    name: 'a misspelt secret answer',
    keyLines: [3],
    text: `${base}SIGNER_PRIVTE_KEY=${key}\n`,
    want: [
      'answers.env:3:1: error: unknown answer SIGNER_PRIVTE_KEY',
      '  hint: did you mean SIGNER_PRIVATE_KEY?',
    ],
  },
  {
    name: 'a stack name in capitals',
    text: 'STACK_NAME=My Signer\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "My Signer"',
      '  hint: did you mean my-signer?',
    ],
  },
  {
    name: 'a stack name that begins with a dash',
    text: 'STACK_NAME=-signer\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "-signer"',
    ],
  },
  {
    name: 'a stack name with other letters',
    text: 'STACK_NAME=пример\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "пример"',
    ],
  },
  {
    name: 'a stack name that is a path',
    text: 'STACK_NAME=../../etc\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "../../etc"',
    ],
  },
  {
    name: 'a stack name of 64 characters',
    text: `STACK_NAME=${'x'.repeat(64)}\nNETWORK=mainnet\n`,
    want: [
      'answers.env:1:12: error: STACK_NAME expects at most 63 characters, found 64',
    ],
  },
  {
    name: 'a value of 64 KB',
    text: `STACK_NAME=${'x'.repeat(65536)}\nNETWORK=mainnet\n`,
    want: [
      'answers.env:1:12: error: STACK_NAME expects at most 63 characters, found 65536',
    ],
  },
  {
    name: 'a template in a value',
    text: 'STACK_NAME={{name}}\nNETWORK={{#each x}}\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "{{name}}"',
      'answers.env:2:11: error: an unquoted # begins a comment and cuts the value here',
      `  hint: put the value in single quotes: NAME='value'`,
    ],
  },
  {
    name: 'a shell command in a value',
    text: 'STACK_NAME=$(whoami)\nNETWORK=`id`\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "$(whoami)"',
      '  hint: an answer file is not a shell script: nothing is expanded, so write the value itself',
      'answers.env:2:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "id"',
    ],
  },
  {
    name: 'a variable in a value',
    text: 'STACK_NAME=$USER\nNETWORK=${NET}\n',
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "$USER"',
      '  hint: an answer file is not a shell script: nothing is expanded, so write the value itself',
      'answers.env:2:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "${NET}"',
      '  hint: an answer file is not a shell script: nothing is expanded, so write the value itself',
    ],
  },
  {
    name: 'a line end in a quoted value',
    text: 'STACK_NAME="my\nsigner"\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME holds a line end, and no answer may',
      '  hint: close the quote on the same line; in double quotes, \\n is a line end',
    ],
  },
  {
    name: 'an escaped line end in double quotes',
    text: 'STACK_NAME="my\\nsigner"\nNETWORK=mainnet\n',
    want: [
      'answers.env:1:12: error: STACK_NAME holds a line end, and no answer may',
      '  hint: close the quote on the same line; in double quotes, \\n is a line end',
    ],
  },
  {
    name: 'an escape sequence for terminals',
    text: `${base}BITCOIN_HOST=\u001b[31mred\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST holds a control character, the 1st of the value',
    ],
  },
  {
    name: 'another network',
    text: 'STACK_NAME=my-signer\nNETWORK=regtest\n',
    want: [
      'answers.env:2:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "regtest"',
    ],
  },
  {
    name: 'a misspelt network',
    text: 'STACK_NAME=my-signer\nNETWORK=mainet\n',
    want: [
      'answers.env:2:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "mainet"',
      '  hint: did you mean mainnet?',
    ],
  },
  {
    name: 'a network in capitals',
    text: 'STACK_NAME=my-signer\nNETWORK=MAINNET\n',
    want: [
      'answers.env:2:9: error: NETWORK expects mainnet, testnet or staking-testnet, found "MAINNET"',
      '  hint: did you mean mainnet?',
    ],
  },
  {
    name: 'a switch that says true',
    text: `${base}SNAPSHOT=true\n`,
    want: [
      'answers.env:3:10: error: SNAPSHOT expects on or off, found "true"',
      '  hint: did you mean on?',
    ],
  },
  {
    name: 'a yes-or-no answer that says on',
    text: `${base}ALLOW_UNSUPPORTED=on\n`,
    want: [
      'answers.env:3:19: error: ALLOW_UNSUPPORTED expects no or yes, found "on"',
      '  hint: did you mean yes?',
    ],
  },
  {
    name: 'a platform without its system',
    text: `${base}PLATFORM=arm64\n`,
    want: [
      'answers.env:3:10: error: PLATFORM expects nothing, linux/amd64 or linux/arm64, found "arm64"',
      '  hint: did you mean linux/arm64?',
    ],
  },
  {
    name: 'an unknown image variant',
    text: `${base}IMAGE_VARIANT=ubuntu\n`,
    want: [
      'answers.env:3:15: error: IMAGE_VARIANT expects debian or alpine, found "ubuntu"',
    ],
  },
  {
    name: 'the latest release',
    text: `${base}STACKS_VERSION=latest\n`,
    want: [
      'answers.env:3:16: error: STACKS_VERSION expects one release, found "latest", which is another one every few weeks',
      '  hint: the newest release known here is 4.0.4',
    ],
  },
  {
    name: 'a release with a v in front',
    text: `${base}STACKS_VERSION=v4.0.4\n`,
    want: [
      'answers.env:3:16: error: STACKS_VERSION expects a known release, found "v4.0.4"',
      '  hint: did you mean 4.0.4?',
    ],
  },
  {
    name: 'a release newer than the catalogue',
    text: `${base}STACKS_VERSION=99.0.0\n`,
    want: [
      'answers.env:3:16: error: STACKS_VERSION expects a release that this generator knows, found "99.0.0"',
      '  hint: the newest known here is 4.0.4; a newer generator may know more',
      '        ALLOW_UNSUPPORTED=yes takes it to be like that one',
    ],
  },
  {
    name: 'a release that never was',
    text: `${base}STACKS_VERSION=3.9.0.0.9\n`,
    want: [
      'answers.env:3:16: error: STACKS_VERSION expects a known release, found "3.9.0.0.9"',
    ],
  },
  {
    name: 'one version for a release that has two',
    text: `${base}STACKS_VERSION=3.4.0.0.4\n`,
    want: [
      'answers.env:3:16: error: STACKS_VERSION expects a release that ships node and signer together, 4.0.0 or later, found "3.4.0.0.4"',
      '  hint: write STACKS_NODE_VERSION=3.4.0.0.4 and STACKS_SIGNER_VERSION=3.4.0.0.4.0',
    ],
  },
  {
    name: 'a signer release for the node',
    text: `${base}STACKS_NODE_VERSION=3.4.0.0.4.0\n`,
    want: [
      'answers.env:3:21: error: STACKS_NODE_VERSION expects a release of stacks-node, found "3.4.0.0.4.0", which is one of stacks-signer',
      '  hint: did you mean 3.4.0.0.4?',
    ],
  },
  {
    name: 'a node release for the signer',
    text: `${base}STACKS_SIGNER_VERSION=3.4.0.0.4\n`,
    want: [
      'answers.env:3:23: error: STACKS_SIGNER_VERSION expects a release of stacks-signer, found "3.4.0.0.4", which is one of stacks-node',
      '  hint: did you mean 3.4.0.0.4.0?',
    ],
  },
  {
    name: 'port zero',
    text: `${base}NODE_P2P_PORT=0\n`,
    want: [
      'answers.env:3:15: error: NODE_P2P_PORT expects a port from 1 to 65535, found "0"',
    ],
  },
  {
    name: 'a port beyond the last',
    text: `${base}NODE_P2P_PORT=65536\n`,
    want: [
      'answers.env:3:15: error: NODE_P2P_PORT expects a port from 1 to 65535, found "65536"',
    ],
  },
  {
    name: 'a port that is a name',
    text: `${base}BITCOIN_P2P_PORT=bitcoin\n`,
    want: [
      'answers.env:3:18: error: BITCOIN_P2P_PORT expects a port from 1 to 65535, found "bitcoin"',
    ],
  },
  {
    name: 'a port with zeros in front',
    text: `${base}BITCOIN_RPC_PORT=08332\n`,
    want: [
      'answers.env:3:18: error: BITCOIN_RPC_PORT expects a port from 1 to 65535, found "08332"',
    ],
  },
  {
    name: 'a port in other digits',
    text: `${base}BITCOIN_RPC_PORT=٨٣٣٢\n`,
    want: [
      'answers.env:3:18: error: BITCOIN_RPC_PORT expects a port from 1 to 65535, found "٨٣٣٢"',
    ],
  },
  {
    name: 'a host that is an address',
    text: `${base}BITCOIN_HOST=http://b.example.net\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST expects a host alone, found the address "http://b.example.net"',
      '  hint: leave out the scheme; the port has its own answer',
    ],
  },
  {
    name: 'a host with its port',
    text: `${base}BITCOIN_HOST=b.example.net:8333\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST expects a host without a port, found "b.example.net:8333"',
      '  hint: write b.example.net here; the port has its own answer',
    ],
  },
  {
    name: 'an IPv6 host without brackets',
    text: `${base}BITCOIN_HOST=2001:db8::1\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST expects an IPv6 address in brackets, found "2001:db8::1"',
      '  hint: did you mean [2001:db8::1]?',
    ],
  },
  {
    name: 'an impossible IPv4 host',
    text: `${base}BITCOIN_HOST=300.1.2.3\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST expects a DNS name, an IPv4 address or an IPv6 address in brackets, found "300.1.2.3"',
    ],
  },
  {
    name: 'a host with other letters',
    text: `${base}BITCOIN_HOST=bücher.example\n`,
    want: [
      'answers.env:3:14: error: BITCOIN_HOST expects a DNS name, an IPv4 address or an IPv6 address in brackets, found "bücher.example"',
    ],
  },
  {
    name: 'an RPC user with a colon',
    text: `${base}BITCOIN_RPC_USER=a:b\n`,
    want: [
      'answers.env:3:18: error: BITCOIN_RPC_USER expects 1 to 64 letters, digits, dots, dashes and underscores, found "a:b"',
    ],
  },
  {
    name: 'a public address that is a name',
    text: `${base}PUBLIC_ADDRESS=node.example.net\n`,
    want: [
      'answers.env:3:16: error: PUBLIC_ADDRESS expects an IP address, with or without a port, found "node.example.net"',
      '  hint: a name is not enough: the node announces an address',
    ],
  },
  {
    name: 'a public address with an impossible port',
    text: `${base}PUBLIC_ADDRESS=203.0.113.7:99999\n`,
    want: [
      'answers.env:3:16: error: PUBLIC_ADDRESS expects a port from 1 to 65535, found "99999"',
    ],
  },
  {
    name: 'a public address that no peer reaches',
    text: `${base}PUBLIC_ADDRESS=0.0.0.0\n`,
    want: [
      'answers.env:3:16: error: PUBLIC_ADDRESS expects the address that peers reach, found "0.0.0.0"',
    ],
  },
  {
    name: 'a snapshot from an unknown scheme',
    text: `${base}SNAPSHOT_URL=ftp://a.example.net/x.tar.gz\n`,
    want: [
      'answers.env:3:14: error: SNAPSHOT_URL expects an address that begins with https://, http:// or file:///, found "ftp://a.example.net/x.tar.gz"',
    ],
  },
  {
    name: 'a snapshot address with a password',
    text: `${base}SNAPSHOT_URL=https://me:hush@a.example.net/x.tar.gz\n`,
    want: [
      'answers.env:3:14: error: SNAPSHOT_URL holds a user or password, and this file is committed',
      '  hint: use an address that needs none',
    ],
  },
  {
    name: 'a snapshot file on a host',
    text: `${base}SNAPSHOT_URL=file://a.example.net/x.tar.gz\n`,
    want: [
      'answers.env:3:14: error: SNAPSHOT_URL expects an address that begins with https://, http:// or file:///, found "file://a.example.net/x.tar.gz"',
    ],
  },
  {
    name: 'a checksum that is cut',
    text: `${base}SNAPSHOT_SHA256=${'ab'.repeat(30)}\n`,
    want: [
      'answers.env:3:17: error: SNAPSHOT_SHA256 expects the 64 hexadecimal digits of a SHA-256, found 60 hexadecimal digits',
    ],
  },
  {
    name: 'a signer key in a committed file',
    text: `${base}SIGNER_PRIVATE_KEY=${key}\n`,
    want: [
      'answers.env:3:1: error: SIGNER_PRIVATE_KEY is a secret, and this file is committed with the stack',
      '  hint: move the value to secrets/signer-private-key and remove this line',
    ],
  },
  {
    name: 'a token in a committed file',
    text: `${base}AUTH_TOKEN=0123456789abcdef0123\n`,
    want: [
      'answers.env:3:1: error: AUTH_TOKEN is a secret, and this file is committed with the stack',
      '  hint: move the value to secrets/auth-token and remove this line',
    ],
  },
  {
    name: 'a signer key where generate or provided belongs',
    keyLines: [3],
    text: `${base}SIGNER_KEY=${key}\n`,
    want: [
      'answers.env:3:12: error: SIGNER_KEY says where the key comes from, provided or generate; the value found is hidden, since it may be the key',
      '  hint: a key itself goes into secrets/signer-private-key, or into SIGNER_PRIVATE_KEY of a file that is not committed',
    ],
  },
  {
    name: 'a key given and one asked for',
    text: `${base}SIGNER_KEY=generate\nSIGNER_PRIVATE_KEY=${key}\n`,
    outside: true,
    want: [
      'answers.env:3:12: error: SIGNER_KEY=generate makes a key, and SIGNER_PRIVATE_KEY gives one',
      '  hint: leave out one of the two',
    ],
  },
  {
    name: 'a signer key with 0x',
    text: `${base}SIGNER_PRIVATE_KEY=0x${key}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: it starts with 0x; the signer takes the digits alone',
    ],
  },
  {
    name: 'a signer key that is too short',
    text: `${base}SIGNER_PRIVATE_KEY=${key.slice(1)}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: it has 63 digits, not 64 or 66',
    ],
  },
  {
    name: 'a signer key of 66 digits that does not end in 01',
    text: `${base}SIGNER_PRIVATE_KEY=${key}00\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: 66 digits must end in 01, which marks a compressed key',
    ],
  },
  {
    name: 'a signer key with another letter',
    text: `${base}SIGNER_PRIVATE_KEY=${key.slice(1)}g\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: character 64 of 64 is not a hexadecimal digit',
    ],
  },
  {
    name: 'a signer key of zeros',
    text: `${base}SIGNER_PRIVATE_KEY=${'0'.repeat(64)}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: it is zero, which is no key',
    ],
  },
  {
    name: 'a signer key beyond the curve',
    text: `${base}SIGNER_PRIVATE_KEY=${'f'.repeat(64)}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: it lies outside the range of secp256k1 keys',
    ],
  },
  {
    name: 'a public key as signer key',
    text: `${base}SIGNER_PRIVATE_KEY=02${key}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: this is a public key, not a private key',
    ],
  },
  {
    name: 'a mnemonic as signer key',
    text: `${base}SIGNER_PRIVATE_KEY='${'abandon '.repeat(23)}art'\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY cannot be used: these are 24 words of a mnemonic, not a private key',
    ],
  },
  {
    name: 'a mnemonic over two lines',
    text: `${base}SIGNER_PRIVATE_KEY='${'abandon '.repeat(12)}\n${'abandon '.repeat(11)}art'\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: SIGNER_PRIVATE_KEY holds a line end, and no answer may',
      '  hint: close the quote on the same line; in double quotes, \\n is a line end',
    ],
  },
  {
    name: 'a signer key whose quote is not closed',
    keyLines: [3, 4],
    text: `${base}SIGNER_PRIVATE_KEY="${key}\n${key}\n`,
    outside: true,
    want: [
      'answers.env:3:20: error: the quote " is not closed',
      '  hint: end the value with ", or put it in single quotes',
      'answers.env:4:1: error: this name has no = and no value',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'a secret on a line that is no assignment',
    text: `${base}AUTH_TOKEN hush-hush-hush-hush\n`,
    outside: true,
    want: [
      'answers.env:3:1: error: this line is not an assignment',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
    ],
  },
  {
    name: 'a token that is too short',
    text: `${base}AUTH_TOKEN=hush\n`,
    outside: true,
    want: [
      'answers.env:3:12: error: AUTH_TOKEN cannot be used: it has 4 characters, at least 16 are needed',
    ],
  },
  {
    name: 'a token that is too long',
    text: `${base}AUTH_TOKEN=${'x'.repeat(257)}\n`,
    outside: true,
    want: [
      'answers.env:3:12: error: AUTH_TOKEN cannot be used: it has 257 characters, at most 256 are allowed',
    ],
  },
  {
    name: 'a token with a blank',
    text: `${base}AUTH_TOKEN='hush hush hush hush'\n`,
    outside: true,
    want: [
      'answers.env:3:12: error: AUTH_TOKEN cannot be used: character 5 of 19 is a blank',
    ],
  },
  {
    name: 'a token with other letters',
    text: `${base}AUTH_TOKEN='hüsh-hush-hush-hush'\n`,
    outside: true,
    want: [
      'answers.env:3:12: error: AUTH_TOKEN cannot be used: character 2 of 19 is not printable ASCII',
    ],
  },
  {
    name: 'a password that # would cut',
    text: `${base}BITCOIN_RPC_PASSWORD=hush#hush-hush-hush\n`,
    outside: true,
    want: [
      'answers.env:3:26: error: an unquoted # begins a comment and cuts the value here',
      `  hint: put the value in single quotes: NAME='value'`,
    ],
  },
  {
    name: 'a passed-through key that does not exist',
    text: `${base}SIGNER__dryrun=true\n`,
    want: [
      'answers.env:3:1: error: stacks-signer 4.0.4 has no key dryrun',
      '  hint: did you mean SIGNER__dry_run?',
    ],
  },
  {
    name: 'a passed-through section that does not exist',
    text: `${base}NODE__nodes__txindex=true\n`,
    want: [
      'answers.env:3:1: error: stacks-node 4.0.4 has no section "nodes"',
      '  hint: did you mean NODE__node__txindex?',
    ],
  },
  {
    name: 'a passed-through key without its section',
    text: `${base}NODE__txindex=true\n`,
    want: [
      'answers.env:3:1: error: a key is passed through as NODE__section__key, found "NODE__txindex"',
      '  hint: name the section of node-config.toml too, as in NODE__connection_options__timeout',
    ],
  },
  {
    name: 'a passed-through key in capitals',
    text: `${base}SIGNER__DRY_RUN=true\n`,
    want: [
      'answers.env:3:1: error: SIGNER__key has its prefix in capitals and the rest in small letters, found "SIGNER__DRY_RUN"',
      '  hint: did you mean SIGNER__dry_run?',
    ],
  },
  {
    name: 'a passed-through key with one underscore too few',
    text: `${base}SIGNER_DRY_RUN=true\n`,
    want: [
      'answers.env:3:1: error: unknown answer SIGNER_DRY_RUN',
    ],
  },
  {
    name: 'a boolean that says yes',
    text: `${base}SIGNER__dry_run=yes\n`,
    want: [
      'answers.env:3:17: error: SIGNER__dry_run expects true or false, found "yes"',
      '  hint: did you mean true?',
    ],
  },
  {
    name: 'a number with separators',
    text: `${base}SIGNER__event_timeout_ms=5_000\n`,
    want: [
      'answers.env:3:26: error: SIGNER__event_timeout_ms expects a whole number, found "5_000"',
      '  hint: did you mean 5000?',
    ],
  },
  {
    name: 'a negative number',
    text: `${base}SIGNER__event_timeout_ms=-1\n`,
    want: [
      'answers.env:3:26: error: SIGNER__event_timeout_ms expects a whole number from 0 to 9223372036854775807, found "-1"',
    ],
  },
  {
    name: 'a number beyond 64 bits',
    text: `${base}SIGNER__event_timeout_ms=9223372036854775808\n`,
    want: [
      'answers.env:3:26: error: SIGNER__event_timeout_ms expects a whole number from 0 to 9223372036854775807, found "9223372036854775808"',
    ],
  },
  {
    name: 'a fraction in other words',
    text: `${base}NODE__connection_options__walk_seed_probability=10%\n`,
    want: [
      'answers.env:3:49: error: NODE__connection_options__walk_seed_probability expects a number like 0.1, found "10%"',
    ],
  },
  {
    name: 'an empty number',
    text: `${base}SIGNER__event_timeout_ms=\n`,
    want: [
      'answers.env:3:26: error: SIGNER__event_timeout_ms expects a whole number, found ""',
    ],
  },
  {
    name: 'a key that the pinned release lost',
    text: `${base}SIGNER__validate_with_replay_tx=true\n`,
    want: [
      'answers.env:3:1: error: stacks-signer 4.0.4 refuses validate_with_replay_tx: 4.0.3 removed the key',
      '  hint: leave it out',
    ],
  },
  {
    name: 'a key that the pinned release does not have yet',
    text: `${base}STACKS_NODE_VERSION=3.1.0.0.13\nSTACKS_SIGNER_VERSION=3.1.0.0.5.0\nNODE__node__event_dispatcher_queue_size=10\n`,
    want: [
      'answers.env:5:1: error: stacks-node 3.1.0.0.13 does not know node.event_dispatcher_queue_size yet: it came with 3.4.0.0.3',
      '  hint: leave it out, or pin 3.4.0.0.3 or later',
    ],
  },
  {
    name: 'affirmation maps, passed through',
    text: `${base}NODE__node__always_use_affirmation_maps=true\nNODE__burnchain__affirmation_overrides=x\n`,
    want: [
      'answers.env:3:1: error: stacks-node 4.0.4 refuses node.always_use_affirmation_maps: 3.2.0.0.2 removed the key',
      '  hint: leave it out: nothing takes its place',
      'answers.env:4:1: error: burnchain.affirmation_overrides is a list of tables in node-config.toml and cannot be passed through',
      '  hint: leave it out: stacks-node 3.2.0.0.2 removed it',
    ],
  },
  {
    name: 'affirmation maps, as an answer',
    text: `${base}REQUIRE_AFFIRMED_ANCHOR_BLOCKS=true\n`,
    want: [
      'answers.env:3:1: error: REQUIRE_AFFIRMED_ANCHOR_BLOCKS is a key of the affirmation maps, which stacks-node 3.2.0.0.2 removed',
      '  hint: leave it out: nothing takes its place',
    ],
  },
  {
    name: 'a passed-through signer key',
    keyLines: [3],
    text: `${base}SIGNER__stacks_private_key=${key}\n`,
    outside: true,
    want: [
      'answers.env:3:1: error: stacks_private_key cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: write SIGNER_PRIVATE_KEY, or put the key into secrets/signer-private-key',
    ],
  },
  {
    name: 'passed-through secrets',
    text: `${base}SIGNER__auth_password=hush\nNODE__connection_options__auth_token=hush\nNODE__node__seed=hush\nNODE__node__local_peer_seed=hush\nNODE__burnchain__password=hush\nNODE__miner__mining_key=hush\n`,
    outside: true,
    want: [
      'answers.env:3:1: error: auth_password cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: write AUTH_TOKEN, or put it into secrets/auth-token',
      'answers.env:4:1: error: connection_options.auth_token cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: write AUTH_TOKEN, or put it into secrets/auth-token',
      'answers.env:5:1: error: node.seed cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: leave it out: a node that does not mine makes its own',
      'answers.env:6:1: error: node.local_peer_seed cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: leave it out: the node makes its own',
      'answers.env:7:1: error: burnchain.password cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: write BITCOIN_RPC_PASSWORD',
      'answers.env:8:1: error: miner.mining_key cannot be passed through: it holds a secret, and both the answers and the TOML are committed',
      '  hint: leave it out: this node does not mine',
    ],
  },
  {
    name: 'keys that follow answers',
    text: `${base}SIGNER__network=testnet\nNODE__burnchain__mode=krypton\nNODE__burnchain__peer_host=b.example.net\nNODE__node__p2p_bind='0.0.0.0:1'\n`,
    want: [
      'answers.env:3:1: error: network cannot be passed through: it follows NETWORK',
      '  hint: write NETWORK',
      'answers.env:4:1: error: burnchain.mode cannot be passed through: it follows NETWORK',
      '  hint: write NETWORK',
      'answers.env:5:1: error: burnchain.peer_host cannot be passed through: it follows BITCOIN_MODE',
      '  hint: write BITCOIN_MODE=external and BITCOIN_HOST',
      'answers.env:6:1: error: node.p2p_bind cannot be passed through: it is fixed by the layout of the containers',
      '  hint: for the port that peers reach, write NODE_P2P_PORT',
    ],
  },
  {
    name: 'lists of tables',
    text: `${base}NODE__events_observer__endpoint=x\nNODE__ustx_balance__amount=1\nNODE__burnchain__epochs=4.1\n`,
    want: [
      'answers.env:3:1: error: events_observer is a list of tables in node-config.toml and cannot be passed through',
      '  hint: leave it out: the generator writes the observer of the signer (SIGNER_OBSERVER_TIMEOUT_MS) and those of EVENT_OBSERVERS',
      'answers.env:4:1: error: ustx_balance is a list of tables in node-config.toml and cannot be passed through',
      '  hint: leave it out: it follows NETWORK',
      'answers.env:5:1: error: burnchain.epochs is a list of tables in node-config.toml and cannot be passed through',
      '  hint: leave it out: it follows NETWORK',
    ],
  },
  {
    name: 'keys of the first signer',
    text: `${base}message_private_key=hush\nstackerdb_contract_id=ST000.x\nSIGNER_ID=0\nsigners=[]\nsigners.toml=x\n`,
    want: [
      'answers.env:3:1: error: message_private_key is a key of the first signer, which signed messages with a second key; the signer now has one key for all',
      '  hint: give that one key as SIGNER_PRIVATE_KEY, or put it into secrets/signer-private-key',
      'answers.env:4:1: error: stackerdb_contract_id is a key of the first signer; the contracts are now derived from the reward cycle',
      '  hint: leave it out: nothing takes its place',
      'answers.env:5:1: error: SIGNER_ID is a key of the first signer; the slot now comes from the reward set of each cycle',
      '  hint: leave it out: nothing takes its place',
      'answers.env:6:1: error: signers is the list of public keys of the first signer; it now comes from the reward set of each cycle',
      '  hint: leave it out: nothing takes its place',
      'answers.env:7:1: error: signers.toml is the file that listed the first signers; they now come from the reward set of each cycle',
      '  hint: leave it out: nothing takes its place',
    ],
  },
  {
    name: 'keys of the first signer, passed through',
    text: `${base}SIGNER__message_private_key=hush\nSIGNER__signer_id=0\n`,
    want: [
      'answers.env:3:1: error: message_private_key is a key of the first signer, which signed messages with a second key; the signer now has one key for all',
      '  hint: give that one key as SIGNER_PRIVATE_KEY, or put it into secrets/signer-private-key',
      'answers.env:4:1: error: signer_id is a key of the first signer; the slot now comes from the reward set of each cycle',
      '  hint: leave it out: nothing takes its place',
    ],
  },
  {
    name: 'addresses and ports of the firewall',
    text: `${base}FIREWALL=on\nSSH_FROM=198.51.100.0/24,0.0.0.0/0\nFIREWALL_OPEN=ssh\nNODE_ADDRESS="1.2.3.4 } accept"\nSIGNER_ADDRESS=[2001:db8::1]\n`,
    want: [
      'answers.env:4:10: error: SSH_FROM expects a part of the world, found "0.0.0.0/0"',
      '  hint: leave it out where everything is meant',
      'answers.env:5:15: error: FIREWALL_OPEN expects ports like 51820/udp or 9100/tcp@10.0.0.0/8, found "ssh"',
      'answers.env:6:14: error: NODE_ADDRESS expects IP addresses or networks like 10.0.0.0/8, with commas between them, found "1.2.3.4 } accept"',
      'answers.env:7:16: error: SIGNER_ADDRESS expects an IPv6 address without brackets, found "[2001:db8::1]"',
      '  hint: did you mean 2001:db8::1?',
    ],
  },
  {
    name: 'the machine: memory, the RPC and observers',
    text: `${base}MEMORY=16GB\nNODE_RPC_PUBLISH=localhost:20443\nNODE_RPC_FROM=0.0.0.0/0\nEVENT_OBSERVERS='http://api:3700, host:3701 all'\nSIGNER_OBSERVER_TIMEOUT_MS=1s\n`,
    want: [
      'answers.env:3:8: error: MEMORY expects gigabytes like 16g, found "16GB"',
      'answers.env:4:18: error: NODE_RPC_PUBLISH expects an address of this machine and a port like 127.0.0.1:20443, found "localhost:20443"',
      'answers.env:5:15: error: NODE_RPC_FROM expects a part of the world, found "0.0.0.0/0"',
      '  hint: leave it out where everything is meant',
      'answers.env:6:17: error: EVENT_OBSERVERS expects observers like api.example.net:3700, with commas between them, found "http://api:3700"',
      '  hint: a host and a port alone; behind them what it wants to hear, as in: api.example.net:3700 stx burn_blocks',
      'answers.env:7:28: error: SIGNER_OBSERVER_TIMEOUT_MS expects a number from 1000 to 600000, found "1s"',
    ],
  },
  {
    name: 'many things at once',
    text: `STACK_NAME=My\nNETWORK\nSNAPSHOT=maybe\nNODE_P2P_PORT=x\nfoo\nSNAPSHOT=on\n`,
    want: [
      'answers.env:1:12: error: STACK_NAME expects small letters, digits, _ and -, beginning with a letter or digit, found "My"',
      '  hint: did you mean my?',
      'answers.env:2:1: error: this name has no = and no value',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
      'answers.env:3:10: error: SNAPSHOT expects on or off, found "maybe"',
      'answers.env:4:15: error: NODE_P2P_PORT expects a port from 1 to 65535, found "x"',
      'answers.env:5:1: error: this name has no = and no value',
      '  hint: an answer is NAME=value, one a line; # begins a comment',
      'answers.env:6:1: error: SNAPSHOT is given twice, here and in line 3',
      '  hint: keep one of the two lines',
    ],
  },
]
