import type { PictureSize, Point, Region } from '../../networks/geometry.ts';
import type { Pose } from '../../networks/blazepose.ts';

/** Two sizes are of one shape whose sides agree by so much: halves of odd numbers are rounded. */
const SAME_SHAPE = 0.02;

/**
 * From one frame's pixels to those of a frame of another size. Both show the same scene
 * around the same centre: a call that steps down its resolution shows it smaller, a phone
 * that is turned round shows other edges of it.
 */
export class Resizing {
  readonly #scale: number;
  readonly #from: Point;
  readonly #to: Point;
  /** Whether the sides have another proportion: people may be elsewhere, and others may be in sight. */
  readonly isOtherShape: boolean;

  private constructor(from: PictureSize, to: PictureSize) {
    this.#scale = Math.sqrt((to.width * to.height) / (from.width * from.height));
    this.#from = { x: from.width / 2, y: from.height / 2 };
    this.#to = { x: to.width / 2, y: to.height / 2 };
    const proportion = (to.width * from.height) / (to.height * from.width);
    this.isOtherShape = Math.abs(Math.log(proportion)) > SAME_SHAPE;
  }

  /** `undefined` where both are of one size. */
  static between(from: PictureSize, to: PictureSize): Resizing | undefined {
    return from.width === to.width && from.height === to.height ? undefined : new Resizing(from, to);
  }

  /** A length, or a speed. */
  length(pixels: number): number {
    return this.#scale * pixels;
  }

  x(x: number): number {
    return this.#to.x + this.#scale * (x - this.#from.x);
  }

  y(y: number): number {
    return this.#to.y + this.#scale * (y - this.#from.y);
  }

  region(region: Region): Region {
    return {
      ...region,
      centreX: this.x(region.centreX),
      centreY: this.y(region.centreY),
      size: this.length(region.size),
    };
  }

  pose(pose: Pose): Pose {
    return {
      ...pose,
      region: this.region(pose.region),
      landmarks: pose.landmarks.map((landmark) => ({
        ...landmark,
        x: this.x(landmark.x),
        y: this.y(landmark.y),
      })),
    };
  }
}
