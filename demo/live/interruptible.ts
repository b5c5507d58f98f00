/** An element or the like, and the name of its event. */
export type Cause = readonly [target: EventTarget, event: string];

/**
 * Does some work that the first of some events interrupts.
 * @param end ends the work as well; whoever aborts it looks at it
 * @returns what the work comes to; `undefined` where it was interrupted or ended
 */
export async function interruptible<T>(
  end: AbortSignal,
  causes: readonly Cause[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  if (end.aborted) return undefined;
  const interruption = new AbortController();
  const signal = AbortSignal.any([end, interruption.signal]);
  const interrupt = () => interruption.abort();
  for (const [target, event] of causes) target.addEventListener(event, interrupt, { signal });
  try {
    return await work(signal);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    // Its listeners go with it.
    interrupt();
  }
}
