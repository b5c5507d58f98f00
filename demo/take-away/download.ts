import { create } from '../dom.ts';

/** Has the browser save a file. */
export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  create('a', { href: url, download: name }).click();
  // The browser has begun to read it by then, however slow it is.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
