/** What figures are drawn on where nobody looks at them: stands in for an `OffscreenCanvas` in Node. */
export class NoCanvas {
  getContext(): object {
    return new Proxy({}, { get: (_context, name) => (name === 'canvas' ? this : () => {}), set: () => true });
  }

  async convertToBlob(): Promise<Blob> {
    return new Blob();
  }
}
