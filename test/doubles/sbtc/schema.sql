-- A database of the shape that the sBTC signer 1.3.3 makes of its own: dkg_shares, bitcoin_blocks, the enums and the journal as
-- they are there; of the other tables the names and the kinds of columns, as far as a backup can tell them apart.
-- How the journal's table stands outside of the schema is what makes a dump of the schema alone useless.
CREATE TABLE public.__sbtc_migrations (key text PRIMARY KEY);
CREATE SCHEMA sbtc_signer;
SET search_path = sbtc_signer, public;

CREATE TYPE dkg_shares_status AS ENUM ('unverified', 'verified', 'failed');
CREATE TYPE sbtc_tx_type AS ENUM ('donation', 'sbtc_transaction', 'deposit_request');
CREATE TYPE tx_output_kind AS ENUM ('signers_output', 'signers_op_return', 'withdrawal', 'donation');

CREATE TABLE bitcoin_blocks (
  block_hash bytea PRIMARY KEY,
  block_height bigint NOT NULL,
  parent_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  is_canonical boolean
);
CREATE INDEX bitcoin_blocks_by_height ON bitcoin_blocks (block_height);

CREATE TABLE dkg_shares (
  aggregate_key bytea PRIMARY KEY,
  tweaked_aggregate_key bytea NOT NULL,
  encrypted_private_shares bytea NOT NULL,
  public_shares bytea NOT NULL,
  script_pubkey bytea NOT NULL,
  signer_set_public_keys bytea[] NOT NULL,
  signature_share_threshold integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  dkg_shares_status dkg_shares_status NOT NULL,
  started_at_bitcoin_block_hash bytea NOT NULL,
  started_at_bitcoin_block_height bigint NOT NULL
);

CREATE TABLE stacks_blocks (
  block_hash bytea PRIMARY KEY, block_height bigint NOT NULL, parent_hash bytea NOT NULL, bitcoin_anchor bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE deposit_requests (
  txid bytea NOT NULL, output_index integer NOT NULL, spend_script bytea NOT NULL, reclaim_script_hash bytea NOT NULL, recipient text NOT NULL,
  amount bigint NOT NULL, max_fee bigint NOT NULL, lock_time bigint NOT NULL, signers_public_key bytea NOT NULL, sender_script_pub_keys bytea[] NOT NULL,
  PRIMARY KEY (txid, output_index)
);
CREATE TABLE deposit_signers (
  txid bytea NOT NULL, output_index integer NOT NULL, signer_pub_key bytea NOT NULL, can_accept boolean NOT NULL, can_sign boolean NOT NULL,
  PRIMARY KEY (txid, output_index, signer_pub_key), FOREIGN KEY (txid, output_index) REFERENCES deposit_requests ON DELETE CASCADE
);
CREATE TABLE withdrawal_requests (
  request_id bigint NOT NULL, txid bytea NOT NULL, block_hash bytea NOT NULL REFERENCES stacks_blocks, recipient bytea NOT NULL, amount bigint NOT NULL,
  max_fee bytea NOT NULL, sender_address text NOT NULL, bitcoin_block_height bigint NOT NULL, PRIMARY KEY (request_id, block_hash)
);
CREATE TABLE withdrawal_signers (
  request_id bigint NOT NULL, block_hash bytea NOT NULL, txid bytea NOT NULL, signer_pub_key bytea NOT NULL, is_accepted boolean NOT NULL,
  PRIMARY KEY (request_id, block_hash, signer_pub_key), FOREIGN KEY (request_id, block_hash) REFERENCES withdrawal_requests
);
CREATE TABLE bitcoin_transactions (txid bytea NOT NULL, block_hash bytea NOT NULL REFERENCES bitcoin_blocks, PRIMARY KEY (txid, block_hash));
CREATE TABLE bitcoin_tx_sighashes (
  sighash bytea PRIMARY KEY, txid bytea NOT NULL, chain_tip bytea NOT NULL, prevout_txid bytea NOT NULL, prevout_output_index integer NOT NULL,
  prevout_type sbtc_tx_type NOT NULL, validation_result text NOT NULL, will_sign boolean NOT NULL
);
CREATE TABLE bitcoin_tx_inputs (
  txid bytea NOT NULL, prevout_txid bytea NOT NULL, prevout_output_index integer NOT NULL, amount bigint NOT NULL,
  PRIMARY KEY (txid, prevout_txid, prevout_output_index)
);
CREATE TABLE bitcoin_tx_outputs (
  txid bytea NOT NULL, output_index integer NOT NULL, amount bigint NOT NULL, script_pubkey bytea NOT NULL, output_type tx_output_kind NOT NULL,
  PRIMARY KEY (txid, output_index)
);
CREATE TABLE bitcoin_withdrawals_outputs (
  request_id bigint NOT NULL, stacks_txid bytea NOT NULL, stacks_block_hash bytea NOT NULL, bitcoin_chain_tip bytea NOT NULL, bitcoin_txid bytea NOT NULL,
  output_index integer NOT NULL, is_valid_tx boolean NOT NULL, PRIMARY KEY (bitcoin_txid, output_index)
);
CREATE TABLE withdrawal_tx_outputs (txid bytea NOT NULL, output_index integer NOT NULL, request_id bigint NOT NULL, PRIMARY KEY (txid, output_index));
CREATE TABLE rotate_keys_transactions (
  txid bytea NOT NULL, block_hash bytea NOT NULL, address text NOT NULL, aggregate_key bytea NOT NULL, signer_set bytea[] NOT NULL,
  signatures_required integer NOT NULL, PRIMARY KEY (txid, block_hash)
);
CREATE TABLE completed_deposit_events (txid bytea PRIMARY KEY, block_hash bytea NOT NULL, amount bigint NOT NULL, bitcoin_txid bytea NOT NULL, output_index bigint NOT NULL);
CREATE TABLE withdrawal_create_events (txid bytea PRIMARY KEY, block_hash bytea NOT NULL, request_id bigint NOT NULL, amount bigint NOT NULL);
CREATE TABLE withdrawal_accept_events (txid bytea PRIMARY KEY, block_hash bytea NOT NULL, request_id bigint NOT NULL, bitcoin_txid bytea NOT NULL);
CREATE TABLE withdrawal_reject_events (txid bytea PRIMARY KEY, block_hash bytea NOT NULL, request_id bigint NOT NULL, signer_bitmap bytea NOT NULL);
CREATE TABLE p2p_peers (peer_id text PRIMARY KEY, public_key bytea NOT NULL, address text NOT NULL, last_dialed_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP);

CREATE FUNCTION is_known_block(hash bytea) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM sbtc_signer.bitcoin_blocks WHERE block_hash = hash);
END
$$;
