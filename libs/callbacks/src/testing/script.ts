/** Steps that a test has scripted, taken one by one in their order. */
export class Script<Step> {
  readonly #lines: { readonly step: Step; readonly only: readonly string[] | undefined; left: number }[] = [];

  /** @param only - the names of the methods that the step is for; all where there are none. */
  add(step: Step, times: number, only?: readonly string[]): void {
    if (!(times === Infinity || (Number.isInteger(times) && times >= 1))) {
      throw new TypeError('The option `times` has to be a whole number from 1, or Infinity.');
    }
    this.#lines.push({ step, only, left: times });
  }

  /** The first step for a method that is not used up. */
  take(methodName: string): Step | undefined {
    const line = this.#lines.find(({ left, only }) => left > 0 && (only === undefined || only.includes(methodName)));
    if (line) line.left -= 1;
    return line?.step;
  }
}
