/** What a network is fed: a square of the picture, as three planes of numbers. */
export interface NetworkInput {
  /** Side of the square in pixels. */
  side: number;
  /** The order of the planes. */
  channels: 'rgb' | 'bgr';
  /**
   * A number is (colour − mean) / deviation, of colours from 0 to 255; for red, green and
   * blue, whatever the order of the planes.
   */
  mean: readonly [red: number, green: number, blue: number];
  deviation: readonly [red: number, green: number, blue: number];
  /**
   * What lies beyond the picture's edges: black, a grey of 114, or its last pixels again. YOLO and its
   * relatives are trained with the grey (`LetterBox` of Ultralytics, `pad_val` of MMPose's configurations).
   */
  border: 'black' | 'grey' | 'replicate';
  /** What its file calls it. Default `image`. */
  name?: string;
}

/** A second file, which goes on from features that the first gives: for what is seldom wanted. */
export interface NetworkHead<Output extends string> {
  /** Its file in `models/`, without the ending. */
  file: string;
  /** The outputs of the first file that it reads, which nobody else does. */
  reads: readonly string[];
  outputs: readonly Output[];
}

/** How far two runs of a network on the same square are apart. */
export interface Difference {
  /** As a share of what may be: over 1, or `NaN`, they are not the same. */
  share: number;
  /** For people, as in "landmarks are off by 3.0 px". */
  words: string;
}

/**
 * One network: its file, what it is fed, and what it gives. `Network` alone is any;
 * `Network<'boxes'>` gives boxes and has no head.
 */
export interface Network<
  Output extends string = string,
  HeadOutput extends string = string extends Output ? string : never,
> {
  /** Its file in `models/`, without the ending. */
  file: string;
  input: NetworkInput;
  outputs: readonly Output[];
  head?: NetworkHead<HeadOutput>;
  /**
   * Whether it is run on several squares at once where that is faster: on all
   * of a picture's people. Default `false`.
   */
  batched?: boolean;
  /**
   * Fetches its file where that is none of the package's, as ONNX Runtime is to run it: no other runs it.
   * @param onBytes told how many bytes there are of how many
   * @throws BodyAnalysisError `model-fetch`, `model-integrity` or `model-format`
   */
  load?: (onBytes: (loaded: number, total: number) => void) => Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Tells whether a GPU gives what WASM gives: a GPU is used only where it
   * does, for each network that runs on it.
   */
  compare(seen: Outputs<Output>, wanted: Outputs<Output>): Difference;
}

/** Tells the sizes of an output, for as many squares as were looked at. */
export type DimsOf<Output extends string = string> = (output: Output) => readonly number[];

/** What a network gives for one square, by the names of its outputs. */
export type Outputs<Output extends string> = Readonly<Record<Output, Float32Array>>;

/** The same, with what its head gives where that was asked for. */
export type OutputsWithHead<Output extends string, HeadOutput extends string> = Outputs<Output> &
  Partial<Outputs<HeadOutput>>;

/** The mean and deviation that bring colours from `black` to `white`. */
export function colourRange(black: number, white: number): Pick<NetworkInput, 'mean' | 'deviation'> {
  const deviation = 255 / (white - black);
  const mean = -black * deviation;
  return { mean: [mean, mean, mean], deviation: [deviation, deviation, deviation] };
}
