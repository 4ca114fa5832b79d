/** Tells how many scenarios of the contract each engine passed: a line an engine, at the end of `npm test`. */

/** What is read of jest's results. */
interface Results {
  testResults: { testResults: { ancestorTitles: string[]; status: string }[] }[];
}

const ofContract = /^(\w+): the engine contract$/;

/** `Engine contract, sandbox: 66 of 66 scenarios passed.`; of what was skipped it says so. */
export function contractLines({ testResults }: Results): string[] {
  const engines = new Map<string, string[]>();
  for (const { ancestorTitles, status } of testResults.flatMap((file) => file.testResults)) {
    const engine = ofContract.exec(ancestorTitles[0] ?? "")?.[1];
    if (engine !== undefined) engines.set(engine, [...(engines.get(engine) ?? []), status]);
  }
  return [...engines].sort().map(([engine, statuses]) => {
    const count = (wanted: string): number => statuses.filter((status) => status === wanted).length;
    const skipped = count("pending");
    const why = skipped === statuses.length ? ", since this engine cannot run here (npm run pulumi:install)" : "";
    const note = skipped === 0 ? "" : ` ${skipped} skipped${why}.`;
    return `Engine contract, ${engine}: ${count("passed")} of ${statuses.length} scenarios passed.${note}`;
  });
}

export default class CountReporter {
  onRunComplete(_contexts: unknown, results: Results): void {
    for (const line of contractLines(results)) process.stderr.write(`${line}\n`);
  }
}
