"""
Looks in the evidence on stdin for every fault that is known, and tells the most likely cause first: doctor.py [--json]

0 healthy, 1 something was found, 2 could not look.
"""

import sys

import doctor_backup
import doctor_chains
import doctor_containers
import doctor_exposure
import doctor_host
import doctor_logs
import doctor_sbtc
import doctor_signer
from evidence import Evidence, Missing
from verdict import as_json, as_text, judge

# From the ground up: what stands earlier explains what stands later.
CHECKS = (*doctor_host.CHECKS, *doctor_containers.CHECKS, *doctor_exposure.CHECKS, *doctor_chains.CHECKS, *doctor_signer.CHECKS, *doctor_sbtc.CHECKS, *doctor_backup.CHECKS, *doctor_logs.CHECKS)


def main(arguments):
    seen = Evidence(sys.stdin.buffer.read())
    try:
        title = f'{seen.fact("stack")} on {seen.fact("network")}: stacks-node {seen.fact("node_release")}, stacks-signer {seen.fact("signer_release")}'
    except Missing:
        print('doctor: there is no evidence to judge', file=sys.stderr)
        return 2
    verdict = judge(seen, CHECKS)
    print(as_json(verdict, stack=seen.fact('stack')) if '--json' in arguments else as_text(verdict, title))
    return verdict.code


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
