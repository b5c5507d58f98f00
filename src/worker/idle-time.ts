/** What is done while nobody asks for anything. A call ends it, and is told what went wrong. */
export class IdleTime {
  #work: Promise<void> = Promise.resolve();
  #callComes = new AbortController();

  /**
   * Does something when all that was added before is done.
   * @param work is to end soon once its signal is aborted; what it throws then is nobody's
   * @returns settles when it is done, or has failed; never rejects
   */
  add(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#work = doAfter(this.#work, work, this.#callComes.signal);
    return this.settled();
  }

  /** Waits until what was added is done, or has failed; never rejects. */
  settled(): Promise<void> {
    // The next call is told.
    return this.#work.catch(() => {});
  }

  /**
   * A call comes: waits for what cannot be left in the middle.
   * @throws what went wrong
   */
  async end(): Promise<void> {
    this.#callComes.abort();
    this.#callComes = new AbortController();
    const work = this.#work;
    // What went wrong is told once; that the work is not over yet is so for everyone.
    this.#work = this.settled();
    await work;
  }
}

async function doAfter(
  before: Promise<void>,
  work: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await before;
  if (signal.aborted) return;
  try {
    await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
