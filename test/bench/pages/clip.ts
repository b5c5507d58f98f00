/**
 * The picture and the clip that everyone is given: a person of the samples, moving a little from side to
 * side. Whatever has to be drawn for a frame is drawn before the clock starts, for all contenders alike.
 */

const PHOTO = '/samples/stand.jpg';
/** As most webcams give it. */
const SIZE = { width: 640, height: 480 };
/** Frames until the movement begins anew; at {@link FPS} it takes two seconds. */
const FRAMES = 60;
const FPS = 30;

/** The clip on a canvas, one frame after the other. */
export class Clip {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #picture: ImageBitmap;
  #frame = 0;

  private constructor(picture: ImageBitmap) {
    [this.canvas, this.#context] = canvasOf(SIZE.width, SIZE.height);
    this.#picture = picture;
  }

  static async open(): Promise<Clip> {
    return new Clip(await loadPhoto());
  }

  /** Puts the next frame on the canvas. */
  draw(): HTMLCanvasElement {
    const { width, height } = SIZE;
    const shift = 60 * Math.sin((2 * Math.PI * this.#frame++) / FRAMES);
    const drawnWidth = (height * this.#picture.width) / this.#picture.height;
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(this.#picture, (width - drawnWidth) / 2 + shift, 0, drawnWidth, height);
    settle(this.#context);
    return this.canvas;
  }
}

let cameraFrames: Promise<readonly Uint8Array<ArrayBuffer>[]> | undefined;

async function makeCameraFrames(): Promise<Uint8Array<ArrayBuffer>[]> {
  const clip = await Clip.open();
  const context = clip.canvas.getContext('2d');
  if (!context) throw new Error('no 2D canvas');
  return Array.from({ length: FRAMES }, () => {
    clip.draw();
    return toI420(context.getImageData(0, 0, SIZE.width, SIZE.height));
  });
}

/** The clip as a camera gives it: I420, with the time of a camera of thirty frames a second. */
export class CameraClip {
  readonly #frames: readonly Uint8Array<ArrayBuffer>[];
  #frame = 0;

  private constructor(frames: readonly Uint8Array<ArrayBuffer>[]) {
    this.#frames = frames;
  }

  /** The clip from its beginning. A page makes its frames once. */
  static async open(): Promise<CameraClip> {
    cameraFrames ??= makeCameraFrames();
    return new CameraClip(await cameraFrames);
  }

  /** The next frame, which the receiver closes. */
  next(): VideoFrame {
    const data = this.#frames[this.#frame % FRAMES];
    if (!data) throw new Error('the clip is empty');
    return new VideoFrame(data, {
      format: 'I420',
      codedWidth: SIZE.width,
      codedHeight: SIZE.height,
      timestamp: Math.round((this.#frame++ * 1e6) / FPS),
    });
  }
}

/** The picture on a canvas, in its own size. */
export async function openPhoto(): Promise<HTMLCanvasElement> {
  const picture = await loadPhoto();
  const [canvas, context] = canvasOf(picture.width, picture.height);
  context.drawImage(picture, 0, 0);
  settle(context);
  return canvas;
}

async function loadPhoto(): Promise<ImageBitmap> {
  return createImageBitmap(await (await fetch(PHOTO)).blob());
}

function canvasOf(width: number, height: number): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  return [canvas, context];
}

/** Browsers draw when somebody reads: that must not be the contender. */
function settle(context: CanvasRenderingContext2D): void {
  context.getImageData(0, 0, 1, 1);
}

/** BT.601 in the narrow range, as cameras have it. */
function toI420({ data, width, height }: ImageData): Uint8Array<ArrayBuffer> {
  const area = width * height;
  const planes = new Uint8Array(1.5 * area);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
      planes[y * width + x] = 16 + (66 * red + 129 * green + 25 * blue) / 256;
      if (x % 2 === 0 && y % 2 === 0) {
        const chroma = area + (y / 2) * (width / 2) + x / 2;
        planes[chroma] = 128 + (-38 * red - 74 * green + 112 * blue) / 256;
        planes[chroma + area / 4] = 128 + (112 * red - 94 * green - 18 * blue) / 256;
      }
    }
  }
  return planes;
}
