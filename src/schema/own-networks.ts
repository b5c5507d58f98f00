import type { BodyPart } from './body-parts.ts';

/**
 * Sets of keypoints that networks are trained with: COCO's 17, Halpe's 26, COCO-WholeBody's 133, MPII's 16,
 * each in its data set's own order.
 */
export type KeypointSet = 'coco-17' | 'halpe-26' | 'wholebody-133' | 'mpii-16';

/** What a network of the app's own is fed. */
export interface OwnNetworkInput {
  /** In pixels, 16 to 2048. Default: as the file says; needed where it leaves them open. */
  width?: number | undefined;
  height?: number | undefined;
  /** The order of the colours. Default `rgb`; of `rtmo` `bgr`. */
  channels?: 'rgb' | 'bgr' | undefined;
  /**
   * A number is (colour − mean) / deviation, of colours from 0 to 255; for red, green and blue, whatever
   * their order. Default: ImageNet's for `simcc` and `heatmap`, −1 to 1 for `movenet`, 0 to 1 for `yolo-pose`
   * and `yolo-pose-nms`, the colours themselves for `rtmo`.
   */
  mean?: readonly [red: number, green: number, blue: number] | undefined;
  deviation?: readonly [red: number, green: number, blue: number] | undefined;
}

/** What all networks of an app's own have. */
interface AnyOwnNetwork {
  /** The ONNX file's address, as text or as a `URL`. Relative to the page, or in a worker to its script. */
  url: string | { readonly href: string };
  /** The file's SHA-256 in hexadecimal; another file is then refused. Default: any. */
  sha256?: string | undefined;
  /** The most bytes that are fetched, an integer from 1. Default 134217728 (128 MiB). */
  maxBytes?: number | undefined;
  /**
   * The keypoints that it gives, in its order: one of the sets, or the body parts by their names, with `null`
   * for what is none of the 21.
   */
  keypoints: KeypointSet | readonly (BodyPart | null)[];
  /** What it is fed, as far as that is neither in the file nor the kind's default. */
  input?: OwnNetworkInput | undefined;
}

/**
 * Looks at one person; a distribution of x and one of y for each keypoint, as RTMPose is exported: 1 ×
 * keypoints × bins across, and 1 × keypoints × bins down.
 */
export interface SimccNetwork extends AnyOwnNetwork {
  kind: 'simcc';
  /** The outputs' names in the file. Default: `simcc_x` and `simcc_y`, else the first and the second. */
  outputs?: { x: string; y: string } | undefined;
}

/** Looks at one person; a plane for each keypoint, as ViTPose and HRNet: 1 × keypoints × rows × columns. */
export interface HeatmapNetwork extends AnyOwnNetwork {
  kind: 'heatmap';
  /**
   * Where in a cell a point lies that a plane has its top in: `corner` on the middle of its first pixel, as
   * in HRNet's own training, `middle` in its middle, `udp` so that the outer cells lie on the middles of the
   * input's outer pixels, as in networks that were trained with unbiased data processing, such as ViTPose.
   * Default `corner`.
   */
  anchor?: 'corner' | 'middle' | 'udp' | undefined;
  /** The output's name in the file. Default: the first. */
  outputs?: { heatmaps: string } | undefined;
}

/**
 * Looks at one person; MoveNet's four heads before they are decoded, of one grid: logits of keypoints and of
 * the person's centre, and for each keypoint y and x, in cells, from the centre and within its cell.
 */
export interface MoveNetNetwork extends AnyOwnNetwork {
  kind: 'movenet';
  /** The outputs' names in the file. Default: these words themselves. */
  outputs?: { heatmaps: string; centre: string; regressions: string; offsets: string } | undefined;
}

/**
 * Looks at the whole picture; YOLO-pose as Ultralytics exports it, of one class: `yolo-pose` without
 * suppression of doubles (1 × (5 + 3 keypoints) × cells), `yolo-pose-nms` with it (1 × people × (6 + 3
 * keypoints)).
 */
export interface YoloPoseNetwork extends AnyOwnNetwork {
  kind: 'yolo-pose' | 'yolo-pose-nms';
  /** The output's name in the file. Default: the first. */
  outputs?: { people: string } | undefined;
}

/**
 * Looks at the whole picture; as RTMO is exported: boxes with scores, 1 × people × 5, and points with scores,
 * 1 × people × keypoints × 3.
 */
export interface RtmoNetwork extends AnyOwnNetwork {
  kind: 'rtmo';
  /** The outputs' names in the file. Default: `dets` and `keypoints`, else the first and the second. */
  outputs?: { boxes: string; keypoints: string } | undefined;
}

/** A network of the app's own, by the shape of what it gives. */
export type OwnNetwork = SimccNetwork | HeatmapNetwork | MoveNetNetwork | YoloPoseNetwork | RtmoNetwork;

/** The shapes in which networks of an app's own come. */
export type OwnNetworkKind = OwnNetwork['kind'];

/** Which network of the app's own looks at photos. */
export interface OwnNetworkInfo {
  kind: OwnNetworkKind;
  /** Its whole address. */
  url: string;
}
