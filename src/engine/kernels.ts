const WINDOW = ['windowWidth', 'windowHeight', 'step', 'left', 'top'] as const;
const MATRIX = ['weights', 'bias', 'residual', 'activation'] as const;

/** The kernels of `kernels/`, each with what it takes, in this order, before `scratch`, `from` and `to`. */
export const KERNELS = {
  pointwise: ['input', 'inputStride', 'depth', 'output', 'outputStride', 'panels', ...MATRIX],
  pointwisePanels: ['input', 'inputStride', 'depth', 'output', 'outputStride', 'pixels', ...MATRIX],
  sparse: [
    ...(['input', 'inputStride', 'depth', 'output', 'outputStride', 'pixels', 'panels'] as const),
    ...(['entries', 'lists', 'bias', 'residual'] as const),
    'activation',
  ],
  dense: [
    ...(['input', 'inputStride', 'inputWidth', 'inputHeight', 'depth'] as const),
    ...(['output', 'outputStride', 'outputWidth', 'panels'] as const),
    ...MATRIX,
    ...WINDOW,
    ...(['zeros', 'block'] as const),
  ],
  winograd: [
    ...(['input', 'inputStride', 'inputWidth', 'inputHeight', 'depth'] as const),
    ...(['output', 'outputStride', 'outputWidth', 'outputHeight', 'panels'] as const),
    ...MATRIX,
    ...(['left', 'top', 'zeros', 'block'] as const),
  ],
  first: [
    ...(['input', 'colours', 'inputWidth', 'inputHeight', 'output', 'outputStride', 'outputWidth'] as const),
    ...(['panels', 'weights', 'bias'] as const),
    'activation',
    ...WINDOW,
    'padded',
  ],
  depthwise: [
    ...(['input', 'inputWidth', 'inputHeight', 'channels', 'output', 'outputWidth'] as const),
    ...(['weights', 'bias'] as const),
    'activation',
    ...(['window', 'step', 'left', 'top', 'rows', 'paddedWidth', 'height'] as const),
  ],
  add: ['a', 'b', 'output', 'activation'],
  multiply: ['a', 'b', 'output', 'activation'],
  scale: ['a', 'factors', 'b', 'output', 'stride', 'activation'],
  clamp: ['input', 'output', 'activation'],
  hardSwish: ['input', 'output'],
  sigmoid: ['input', 'output'],
  maxPool: [
    ...(['input', 'inputWidth', 'inputHeight', 'stride', 'output', 'outputWidth'] as const),
    ...WINDOW,
  ],
  globalAverage: ['input', 'stride', 'pixels', 'output'],
  resize: ['input', 'stride', 'output', 'outputWidth', 'rows', 'columns'],
  copy: ['input', 'inputRow', 'inputPixel', 'output', 'outputRow', 'outputPixel', 'count', 'width'],
  widenPanels: ['codes', 'factors', 'depth', 'output'],
  widenWinograd: ['codes', 'factors', 'depth', 'output'],
  fromPlanes: ['input', 'plane', 'channels', 'output', 'stride', 'pixels'],
  toPlanes: ['input', 'stride', 'channels', 'output', 'plane', 'pixels'],
} as const;

/** The name of a kernel. */
export type Kernel = keyof typeof KERNELS;

/** What brings weights into the order in which kernels read them, each with what it takes. */
export const PACKERS = {
  packCodes: ['source', 'outputs', 'depth', 'places', 'target'],
  packPanels: ['source', 'outputs', 'depth', 'places', 'target'],
  packWinograd: ['source', 'outputs', 'depth', 'target'],
  packDepthwise: ['source', 'channels', 'places', 'target'],
  packSparse: ['source', 'outputs', 'depth', 'entries', 'lists'],
} as const;

/** The name of one. */
export type Packer = keyof typeof PACKERS;
