/** What a network is fed: a square of the picture, as three planes of numbers. */
export interface NetworkInput {
  /** Side of the square in pixels. */
  side: number;
  /** The order of the planes. */
  channels: 'rgb' | 'bgr';
  /**
   * A number is (colour − mean) / deviation, of colours from 0 to 255; for red, green and blue, whatever the order of the
   * planes.
   */
  mean: readonly [red: number, green: number, blue: number];
  deviation: readonly [red: number, green: number, blue: number];
  /** What lies beyond the picture's edges: black, or its last pixels again. */
  border: 'black' | 'replicate';
}

/** One network: its file, what it is fed, and what it gives. */
export interface Network<Output extends string = string> {
  /** Its file in `models/`, without the ending. */
  file: string;
  input: NetworkInput;
  outputs: readonly Output[];
}

/** What a network gives for one square, by the names of its outputs. */
export type Outputs<Output extends string> = Readonly<Record<Output, Float32Array>>;

/** The mean and deviation that bring colours from `black` to `white`. */
export function colourRange(black: number, white: number): Pick<NetworkInput, 'mean' | 'deviation'> {
  const deviation = 255 / (white - black);
  const mean = -black * deviation;
  return { mean: [mean, mean, mean], deviation: [deviation, deviation, deviation] };
}
