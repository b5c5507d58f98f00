/** Only NanoDet has an output of that name; a file ends with the names of its outputs, and hardly more. */
const NANODET_OUTPUT = 'scores_8';
const FILE_END = 4096;

/** Tells NanoDet's file from the other models', as the runtime gets it. */
export function isNanoDet(model: Uint8Array): boolean {
  return new TextDecoder().decode(model.subarray(-FILE_END)).includes(NANODET_OUTPUT);
}
