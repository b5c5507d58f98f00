export { pointwise, pointwisePanels } from './pointwise';
export { dense, first } from './dense';
export { depthwise } from './depthwise';
export { add, clamp, hardSwish, multiply, scale, sigmoid } from './elementwise';
export { globalAverage, maxPool, resize } from './spatial';
export { copy, fromPlanes, toPlanes } from './moving';
export { sparse } from './sparse';
export { winograd } from './winograd';
export { packDepthwise, packPanels, packSparse, packWinograd } from './packing';
