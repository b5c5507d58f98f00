/**
 * The flags of WebGPU's `GPUBufferUsage`, `GPUMapMode` and `GPUTextureUsage` that are used here.
 * TypeScript's DOM types lack them; the values are the specification's.
 */
export const BUFFER_USAGE = {
  MAP_READ: 0x01,
  COPY_SRC: 0x04,
  COPY_DST: 0x08,
  UNIFORM: 0x40,
  STORAGE: 0x80,
} as const;
export const MAP_MODE = { READ: 0x01 } as const;
export const TEXTURE_USAGE = {
  COPY_DST: 0x02,
  TEXTURE_BINDING: 0x04,
  STORAGE_BINDING: 0x08,
  RENDER_ATTACHMENT: 0x10,
} as const;
