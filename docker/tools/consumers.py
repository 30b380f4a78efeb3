"""Who gets what from `init`: the user, the volumes, and the files that belong into them."""

import os
from dataclasses import dataclass, field

from layout import ROOT

HTTP = ('http-ok.sh', 'http-get.sh')


@dataclass(frozen=True)
class Consumer:
    """
    `configs` maps a file in config/ to its placeholders: the key of the line, and the secret's name. `folder` is a folder
    in config/ that goes in whole, with its folders. `certificates` are files of certs/, `key` is the secret that belongs
    to them. What `named` lists goes in where a config names it: secrets as they are, and certificates. `alone` maps a config
    to the name of its copy without observers. A `guarded` one starts only when this host is cleared for its key.
    """
    name: str
    uid: int
    config: str | None
    data: str | None
    configs: dict
    scripts: tuple = ()
    certificates: tuple = ()
    key: str = ''
    few_files: bool = False
    folder: str = ''
    named: tuple = ()
    secrets: tuple = ()
    alone: dict = field(default_factory=dict)
    guarded: bool = False
    # Others may look into the data, or into the config: it is made for them. A `group` of another consumer may do so alone.
    shown: bool = False
    # Whether it gets the programs of docker/.
    programs: bool = False
    group: int | None = None

    @property
    def owner(self):
        """User and group. A test that is not root keeps what it makes to itself."""
        return (os.geteuid(), os.getegid()) if ROOT and os.geteuid() != 0 else (self.uid, self.uid if self.group is None else self.group)


RECEIVERS = ('alert-webhook-url', 'alert-slack-url', 'alert-pagerduty-key', 'alert-telegram-token', 'alert-smtp-password')
BACKUP = ('backup-password', 'backup-ssh-key', 'backup-s3-key-id', 'backup-s3-secret-key')

CONSUMERS = (
    Consumer('bitcoind', 101, '/etc/bitcoin', '/var/lib/bitcoin', {'bitcoin.conf': {'rpcauth=metrics': 'BITCOIN_METRICS_RPCAUTH', 'rpcauth=sbtc-signer': 'SBTC_BITCOIN_RPCAUTH'}}),
    Consumer('stacks-node', 2001, '/etc/stacks-node', '/var/lib/stacks-node',
             {'node-config.toml': {'auth_token': 'AUTH_TOKEN'}}, ('stacks-node.sh', 'observes.sh', *HTTP),
             alone={'node-config.toml': 'node-config-alone.toml'}),
    Consumer('stacks-signer', 2002, '/etc/stacks-signer', '/var/lib/stacks-signer',
             {'signer-config.toml': {'stacks_private_key': 'SIGNER_PRIVATE_KEY', 'auth_password': 'AUTH_TOKEN'}},
             ('stacks-signer.sh', *HTTP), few_files=True, guarded=True),
    Consumer('node-tls', 101, '/etc/node-tls', None, {'nginx/node-tls.conf': {}}, HTTP,
             ('ca.pem', 'node-tls.pem'), 'node-tls-key'),
    Consumer('signer-tls', 101, '/etc/signer-tls', None, {'nginx/signer-tls.conf': {}}, HTTP,
             ('ca.pem', 'signer-tls.pem'), 'signer-tls-key'),
    Consumer('metrics', 2003, '/etc/metrics', None, {}, secrets=('bitcoin-metrics-password',)),
    Consumer('prometheus', 65534, '/etc/prometheus', '/prometheus', {}, few_files=True, folder='prometheus'),
    Consumer('alertmanager', 65534, '/etc/alertmanager', '/alertmanager', {}, few_files=True, folder='alertmanager', named=RECEIVERS),
    Consumer('blackbox', 65534, '/etc/blackbox', None, {}, folder='blackbox', named=('ca.pem',)),
    Consumer('backup', 2002, '/etc/backup', '/var/lib/backup', {}, few_files=True, folder='backup', named=BACKUP),
    Consumer('backup-metrics', 2002, None, '/var/lib/backup-metrics', {}, shown=True),
    Consumer('grafana', 472, '/etc/grafana', '/var/lib/grafana', {}, few_files=True, folder='grafana',
             named=('grafana-admin-password',)),
    Consumer('programs', 0, '/stack/programs', None, {}, shown=True, programs=True),
    Consumer('logs', 2004, None, '/var/lib/stack-logs', {}, few_files=True),
    Consumer('sbtc-bitcoind', 101, '/etc/sbtc-bitcoin', '/var/lib/sbtc-bitcoin', {'sbtc-bitcoin.conf': {'rpcauth=metrics': 'BITCOIN_METRICS_RPCAUTH', 'rpcauth=sbtc-signer': 'SBTC_BITCOIN_RPCAUTH'}}),
    Consumer('sbtc-stacks-node', 2001, '/etc/sbtc-stacks-node', '/var/lib/sbtc-stacks-node', {'sbtc-node-config.toml': {}}, ('stacks-node.sh', *HTTP)),
    Consumer('sbtc-signer', 2005, '/etc/sbtc-signer', None,
             {'sbtc-signer.toml': {'private_key': 'SBTC_PRIVATE_KEY', **{name: name for name in ('POSTGRES_PASSWORD', 'SBTC_BITCOIN_RPC_PASSWORD', 'EMILY_API_KEY')}}}),
    Consumer('blocklist-client', 2006, '/etc/sbtc-blocklist', None, {'blocklist-client.toml': {'value': 'EMILY_API_KEY'}}),
    Consumer('postgres', 999, '/etc/postgres', '/var/lib/postgresql/data', {}, ('postgres.sh',), folder='postgres', secrets=('postgres-password',)),
    # Its dumps are encrypted, and `backup` stores them.
    Consumer('sbtc-backup', 999, '/etc/stack', '/var/lib/sbtc-backup', {'sbtc-backup.json': {}}, few_files=True, secrets=('postgres-password',), group=2002),
    Consumer('sbtc-backup-work', 999, None, '/var/lib/sbtc-backup-work', {}, group=2002),
    Consumer('sbtc-backup-metrics', 999, None, '/var/lib/sbtc-backup-metrics', {}, few_files=True, shown=True, group=2002),
)
