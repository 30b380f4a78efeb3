/** For each line of the blocks in generated READMEs: the test that runs it, or why no test can. */

export interface Line {
  readonly line: RegExp
  /** The test that runs the command, and a text by which it is found there. */
  readonly by?: readonly [file: string, text: string]
  /** Why no test runs it. */
  readonly because?: string
}

/** This test types the whole block, as the README has it. */
export const recoveryTest = 'test/engines/readme.test.ts'
const typed = [recoveryTest, 'generatedLines'] as const

export const generatedLines: readonly Line[] = [
  { line: /^make (stop|start|down|up)$/, by: typed },
  { line: /^docker compose run --rm --no-deps -T --entrypoint (sh|tar) init /, by: typed },
  { line: /^docker volume rm /, by: typed },
  { line: /^sudo find .* -delete$/, by: ['test/readme/generated.test.ts', 'emptied, but for its marker'] },
  { line: /^make logs-search /, by: ['test/duty/logs.test.ts', "'logs-search'"] },
  { line: /^restic .* dump latest /, by: ['test/docker/backup.test.ts', "'dump', 'latest'"] },
  { line: /^(listen=1|whitelist=.*)$/, by: ['test/engines/machine-bitcoind.test.ts', 'regtest=1\\n${lines}'] },
  { line: /^(scrape_config_files|rule_files): /, by: ['test/monitoring/config.test.ts', 'scrape_config_files'] },
  { line: /^make -s stac?king-signature /, because: 'a signature is for a contract or a reward address of the operator; test/engines/doubles.test.ts runs the program behind it' },
  { line: /^rsync /, because: 'the hosts of the example do not exist' },
  { line: /^sudo (install|systemctl) /, because: 'it changes what the machine loads at boot' },
  { line: /^(\[Unit\]|RequiresMountsFor=.*)$/, because: 'it is for the systemd of the machine' },
  { line: /^docker network connect /, because: 'it joins a container of the operator' },
]
