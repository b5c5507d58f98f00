/** Larger pictures than a full HD frame are rare, and their memory is better given back. In bytes. */
const LARGEST = 4 * 1920 * 1080;
/** Networks run on one in idle time while the next is read. */
const MOST = 2;

/**
 * Memory for the pixels of one picture after the other. A browser gives new memory page by page, each zeroed
 * first, as it is written to: for a frame of 640×480 that takes 4 to 8 ms, and converting the frame into
 * memory that was used before .3 ms (Chromium 156, two slow cores).
 */
export class PixelMemory {
  #spare: Uint8ClampedArray<ArrayBuffer>[] = [];

  /** Memory of that size in bytes, with anything in it. */
  take(bytes: number): Uint8ClampedArray<ArrayBuffer> {
    const [fit, ...others] = this.#spare.filter(({ length }) => length === bytes);
    // Those of another size are another video's, whose next frame may never come.
    this.#spare = others;
    return fit ?? new Uint8ClampedArray(bytes);
  }

  /** Takes back what nobody reads any more. */
  giveBack(memory: Uint8ClampedArray<ArrayBuffer>): void {
    if (memory.length <= LARGEST && this.#spare.length < MOST) this.#spare.push(memory);
  }
}
