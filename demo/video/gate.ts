/** Holds up who passes while it is closed. */
export class Gate {
  #opened: Promise<void> | undefined;
  #open = () => {};

  get isClosed(): boolean {
    return this.#opened !== undefined;
  }

  close(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#opened = undefined;
    this.#open();
  }

  /** @throws the signal's reason when it is aborted */
  async pass(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#opened) return;
    const passed = new AbortController();
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true, signal: passed.signal });
    });
    await Promise.race([this.#opened, aborted]);
    passed.abort();
    signal.throwIfAborted();
  }
}
