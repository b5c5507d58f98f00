/** Pixels as RGBA, row by row; an `ImageData` is one. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** A picture of few colours: `data` shows exactly what palette and indices say. */
export interface IndexedRaster extends Raster {
  readonly palette: readonly (readonly [number, number, number])[];
  /** One per pixel. */
  readonly indices: Uint8Array;
}

/** A picture from a function of its pixels' places. */
export function raster(
  width: number,
  height: number,
  pixel: (x: number, y: number) => readonly [number, number, number, number],
): Raster {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 4);
  return { width, height, data };
}

/** One pixel's four values. */
export function pixelAt({ data, width }: Raster, x: number, y: number): [number, number, number, number] {
  const at = (y * width + x) * 4;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, data[at + 3] ?? 0];
}

/** The picture with another value in each of its pixels. */
export function mapPixels(
  picture: Raster,
  map: (red: number, green: number, blue: number, alpha: number) => readonly [number, number, number, number],
): Raster {
  return raster(picture.width, picture.height, (x, y) => map(...pixelAt(picture, x, y)));
}

/** Brightness as JPEG counts it, 0 to 255. */
export function luma(red: number, green: number, blue: number): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/** The picture in grey. */
export function toGrey(picture: Raster): Raster {
  return mapPixels(picture, (red, green, blue, alpha) => {
    const grey = luma(red, green, blue);
    return [grey, grey, grey, alpha];
  });
}

/**
 * The picture in that many evenly spaced levels, of grey or of each of the three colours, dithered so that
 * people stay recognisable in black and white.
 */
export function toIndexed(picture: Raster, levels: number, colour: 'grey' | 'colour'): IndexedRaster {
  const { width, height } = picture;
  const source = colour === 'grey' ? toGrey(picture) : picture;
  const value = (level: number) => Math.round((level * 255) / (levels - 1));
  const palette: [number, number, number][] = [];
  if (colour === 'grey') {
    for (let level = 0; level < levels; level++) palette.push([value(level), value(level), value(level)]);
  } else {
    for (let index = 0; index < levels ** 3; index++) {
      palette.push([
        value(Math.floor(index / levels ** 2)),
        value(Math.floor(index / levels) % levels),
        value(index % levels),
      ]);
    }
  }
  // Floyd and Steinberg's: what rounding takes from a pixel goes to its neighbours.
  const rest = Float32Array.from(source.data);
  const indices = new Uint8Array(width * height);
  const channels = colour === 'grey' ? 1 : 3;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      let index = 0;
      for (let channel = 0; channel < channels; channel++) {
        const wanted = rest[at * 4 + channel] ?? 0;
        const level = Math.min(levels - 1, Math.max(0, Math.round((wanted * (levels - 1)) / 255)));
        index = index * levels + level;
        const error = wanted - value(level);
        const pass = (dx: number, dy: number, share: number) => {
          if (x + dx < 0 || x + dx >= width || y + dy >= height) return;
          const to = ((y + dy) * width + x + dx) * 4 + channel;
          rest[to] = (rest[to] ?? 0) + error * share;
        };
        pass(1, 0, 7 / 16);
        pass(-1, 1, 3 / 16);
        pass(0, 1, 5 / 16);
        pass(1, 1, 1 / 16);
      }
      indices[at] = index;
    }
  }
  const shown = raster(width, height, (x, y) => {
    const [red, green, blue] = palette[indices[y * width + x] ?? 0] ?? [0, 0, 0];
    return [red, green, blue, 255];
  });
  return { ...shown, palette, indices };
}

/** EXIF's eight orientations. */
export const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const;
export type Orientation = (typeof ORIENTATIONS)[number];

/**
 * How the picture has to be stored so that a viewer who follows that EXIF orientation shows it as it is here.
 */
export function storedFor(shown: Raster, orientation: Orientation): Raster {
  const { width, height } = shown;
  const sideways = orientation >= 5;
  // From a place in the stored picture to its place in the shown one.
  const place: Record<Orientation, (x: number, y: number) => [number, number]> = {
    1: (x, y) => [x, y],
    2: (x, y) => [width - 1 - x, y],
    3: (x, y) => [width - 1 - x, height - 1 - y],
    4: (x, y) => [x, height - 1 - y],
    5: (x, y) => [y, x],
    6: (x, y) => [width - 1 - y, x],
    7: (x, y) => [width - 1 - y, height - 1 - x],
    8: (x, y) => [y, height - 1 - x],
  };
  return raster(sideways ? height : width, sideways ? width : height, (x, y) =>
    pixelAt(shown, ...place[orientation](x, y)),
  );
}
