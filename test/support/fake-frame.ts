import { vi } from 'vitest';

/** A `VideoFrame` for Node: without pixels, but to be copied, given away and closed like one. */
export class FakeVideoFrame {
  readonly timestamp: number;
  #isOpen = true;
  readonly #made: FakeVideoFrame[];

  /**
   * @param timestamp in microseconds
   * @param made where it and its copies are noted
   */
  constructor(timestamp: number, made: FakeVideoFrame[] = []) {
    this.timestamp = timestamp;
    this.#made = made;
    made.push(this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** As of a browser's, 0 when it is closed or was given away. */
  get codedWidth(): number {
    return this.#isOpen ? 64 : 0;
  }

  clone(): FakeVideoFrame {
    if (!this.#isOpen) throw new DOMException('The frame is closed.', 'InvalidStateError');
    return new FakeVideoFrame(this.timestamp, this.#made);
  }

  close(): void {
    this.#isOpen = false;
  }
}

/** Frames that are made in a test, and what became of them. */
export class FakeFrames {
  /** Those that were made, copies among them. */
  readonly made: FakeVideoFrame[] = [];

  /** A frame of that time, in milliseconds; the browser's, as far as types go. */
  make(ms: number): VideoFrame {
    return new FakeVideoFrame(1000 * ms, this.made) as unknown as VideoFrame;
  }

  /** How many are neither closed nor given away. */
  get open(): number {
    return this.made.filter(({ isOpen }) => isOpen).length;
  }
}

/** Gives Node a `VideoFrame`, until `vi.unstubAllGlobals`. */
export function installVideoFrame(): void {
  vi.stubGlobal('VideoFrame', FakeVideoFrame);
}
