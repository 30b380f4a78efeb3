"""What can be said of a dump once it is restored: each verdict with its exit code and its alert, and the rules that lead to it."""

from dataclasses import dataclass

from dumps import PROVEN
from sbtc_config import NETWORK_IDS


@dataclass(frozen=True)
class Verdict:
    name: str
    code: int
    alert: str

    @property
    def proven(self):
        return self.name in PROVEN


# The first of these that anything speaks for is the verdict. 1 and 2 are what every command ends with on failure and misuse.
VERDICTS = (
    Verdict('damaged', 14, 'SbtcBackupDamaged'),
    Verdict('foreign', 15, 'SbtcBackupForeign'),
    Verdict('wrong-network', 13, 'SbtcBackupWrongNetwork'),
    Verdict('not-verified', 17, 'SbtcBackupNotVerified'),
    Verdict('chain-unreachable', 16, 'SbtcBackupChainUnreachable'),
    Verdict('no-key-on-chain', 11, 'SbtcBackupNoKeyOnChain'),
    Verdict('stale', 12, 'SbtcBackupStale'),
    Verdict('rotation-pending', 10, 'SbtcBackupRotationPending'),
    Verdict('good', 0, ''),
)
BY_NAME = {verdict.name: verdict for verdict in VERDICTS}
# Old addresses of peers are thrown away by the signer itself.
SHRINKING = ('sbtc_signer.p2p_peers',)
# Blocks that a node may be behind its own signer, which saw them by another way.
SLACK = 6


def worst(findings):
    """The verdict of (name, text) findings, and what spoke for it."""
    for verdict in VERDICTS:
        texts = [text for name, text in findings if name == verdict.name]
        if texts:
            return verdict, '; '.join(texts)
    return BY_NAME['good'], 'everything that can be compared agrees'


def judge(config, facts, manifest, known, chain, why_not=''):
    """
    Findings as (name of a verdict, text). `facts` are of the restored database, `manifest` what was written down when the dump
    was made, `known` what the last proven dump held; `chain` is None where it could not be asked, `why_not` says why.
    """
    return [*of_content(facts, chain), *of_manifest(config, facts, manifest), *of_known(facts, manifest, known),
            *of_chain(config, facts, chain, why_not)]


def of_content(facts, chain):
    if not facts['journal']:
        yield 'damaged', 'the journal of migrations is empty'
    if not facts['verified'] and (chain is None or chain.key is not None):
        yield 'damaged', 'dkg_shares holds no verified key: it was lost, or this signer has never taken part in a key generation'
    for share in facts['shares']:
        if share['status'] == 'verified' and (why := wrong_share(share)):
            yield 'damaged', f'the shares of {share["key"]} {why}'
    if facts['shares'] and facts['blocks']['height'] is None:
        yield 'damaged', 'bitcoin_blocks is empty'


def wrong_share(share):
    if not share['private'] or not share['public']:
        return 'are empty'
    if not all(is_key(key) for key in (share['key'], *share['set'])):
        return 'hold a key that is none'
    if len(set(share['set'])) != len(share['set']) or not 0 < share['threshold'] <= len(share['set']):
        return f'need {share["threshold"]} of a set of {len(set(share["set"]))}'
    return None


def is_key(text):
    return isinstance(text, str) and len(text) == 66 and text[:2] in ('02', '03')


def of_manifest(config, facts, manifest):
    if not manifest:
        return
    if manifest.get('network') != config.network or manifest.get('deployer') != config.deployer:
        yield 'wrong-network', f'the dump was made for {manifest.get("network")} and {manifest.get("deployer")}'
    if manifest.get('publicKey') != config.publicKey:
        yield 'foreign', f'the dump was made for the signer {manifest.get("publicKey")}'
    for name, value in (manifest.get('facts') or {}).items():
        if facts.get(name) != value:
            yield 'damaged', f'{name}: the restored database holds something else than the one that was dumped'


def of_known(facts, manifest, known):
    if not manifest and not known:
        yield 'foreign', 'no manifest and no earlier dump shows whose shares these are'
    shares = known.get('shares') or {}
    for share in facts['shares']:
        if shares.get(share['key'], share['private']) != share['private']:
            yield 'foreign', f'the shares of {share["key"]} are not those that this signer has'
    missing = [key for key in known.get('verified') or () if key not in facts['verified']]
    if missing:
        yield 'damaged', f'verified keys that an earlier dump held are gone: {", ".join(missing)}'
    for table, count in sorted((known.get('rows') or {}).items()):
        if table not in SHRINKING and facts['rows'].get(table, 0) < count:
            yield 'damaged', f'{table} has {facts["rows"].get(table, 0)} rows, and had {count} in dump {known.get("number")}'


def of_chain(config, facts, chain, why_not):
    own = [share for share in facts['shares'] if share['status'] == 'verified']
    if own and config.publicKey not in own[0]['set']:
        yield 'foreign', f'this signer is not in the set of the newest verified key {own[0]["key"]}'
    if chain is None:
        yield 'chain-unreachable', why_not
        return
    blocks = facts['blocks']
    if chain.network_id != NETWORK_IDS[config.network]:
        yield 'wrong-network', f'{chain.at} is of the network {chain.network_id}, and {config.network} is {NETWORK_IDS[config.network]}'
    if chain.block and blocks['hashes'] and not {chain.block, turned(chain.block)} & set(blocks['hashes']):
        yield 'wrong-network', f'block {blocks["depth"]} is {chain.block} at {chain.at}, and another in the dump'
    if blocks['height'] is not None and chain.height < blocks['height'] - SLACK:
        yield 'chain-unreachable', f'{chain.at} is at block {chain.height}, behind the dump at {blocks["height"]}: its key may be an old one'
    if chain.key is None:
        yield 'no-key-on-chain', 'the registry holds no key yet'
        return
    if blocks['height'] is not None and chain.height - blocks['height'] > config.behind:
        yield 'stale', f'the newest block in the dump is {blocks["height"]}, and the chain is at {chain.height}'
    yield from of_key(config, facts, chain, own)


def of_key(config, facts, chain, own):
    if not facts['verified']:
        return
    if chain.key not in facts['verified']:
        yield 'stale', (f'the key on the chain, {chain.key}, is not among the verified ones of the dump: it is older than the last rotation, '
                        'or this signer took no part in that')
        return
    share = next(share for share in own if share['key'] == chain.key)
    if config.publicKey not in share['set']:
        yield 'foreign', f'this signer is not in the set of {chain.key}'
        return
    if set(share['set']) != chain.signers or share['threshold'] != chain.threshold:
        yield 'damaged', (f'{chain.key} needs {share["threshold"]} of {len(share["set"])} signers in the dump, and on the chain '
                          f'{chain.threshold} of {len(chain.signers)}' + ('' if set(share['set']) == chain.signers else ': other signers'))
    if facts['verified'][0] != chain.key:
        yield 'rotation-pending', f'the newest verified key, {facts["verified"][0]}, is not on the chain yet, which holds {chain.key}'


def turned(digits):
    """The same hash with its bytes the other way round: both ways of writing one are in use."""
    return bytes.fromhex(digits)[::-1].hex()


def learned(facts, number):
    """What later dumps are compared with."""
    return {'number': number, 'verified': facts['verified'], 'rows': facts['rows'],
            'shares': {share['key']: share['private'] for share in facts['shares'] if share['status'] == 'verified'}}
