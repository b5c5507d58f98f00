/**
 * The smallest model there is, which gives what it is given: an ONNX file with one Identity, from
 * `x` to `y`, of one number. The runtime comes with the first session, whatever that is of; with
 * this one it is there before any model is.
 */
export const FIRST_MODEL: Uint8Array<ArrayBuffer> = Uint8Array.from(
  atob('CAg6NwoQCgF4EgF5IghJZGVudGl0eRIBZ1oPCgF4EgoKCAgBEgQKAggBYg8KAXkSCgoICAESBAoCCAFCAhAN'),
  (letter) => letter.charCodeAt(0),
);
