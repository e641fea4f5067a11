/** Scripted steps, taken one by one in order. */
export class Script<Step> {
  readonly #lines: { readonly step: Step; readonly only: readonly string[] | undefined; left: number }[] = [];

  /** @param only - the names of the handlers that the step is for; all if it is absent. */
  add(step: Step, times: number, only?: readonly string[]): void {
    if (!(times === Infinity || (Number.isInteger(times) && times >= 1))) {
      throw new TypeError('The option `times` must be a whole number from 1, or Infinity.');
    }
    this.#lines.push({ step, only, left: times });
  }

  /** Returns the first step for a handler that is not used up. */
  take(methodName: string): Step | undefined {
    const line = this.#lines.find(({ left, only }) => left > 0 && (only === undefined || only.includes(methodName)));
    if (line) line.left -= 1;
    return line?.step;
  }
}
