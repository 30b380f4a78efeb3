"""
What a dump of the sBTC signer's database is called, and which verdicts prove it. For the image that makes and tries out the dumps,
and for the one that stores them and tells of them.
"""

import re

DUMP, MANIFEST, VERDICT = '.dump.age', '.manifest.json', '.verdict.json'
NAME = re.compile(r'sbtc-signer-(\d{6,})-\d{8}T\d{6}Z')
# The dump can be relied on, and counts when old ones are removed.
PROVEN = ('good', 'rotation-pending', 'no-key-on-chain')
