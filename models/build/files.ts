import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file in one step, so that another process never reads half of it. */
export function replaceFile(path: string, content: Uint8Array | string): void {
  // Still matched by the ignore rule for what is built here, should the process end in between.
  const unfinished = `${path}.${process.pid}.onnx`;
  writeFileSync(unfinished, content);
  renameSync(unfinished, path);
}
