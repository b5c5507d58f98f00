/** A video to be made of another by drawing on its frames. */
export interface PaintRequest {
  /** Of the picture as displayed, in pixels. */
  width: number;
  height: number;
  /** Of the video, in milliseconds; Infinity where that is not known. */
  duration: number;
  /** Draws on the frame that begins at a time, in milliseconds. The context has the frame already. */
  paint: (context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, time: number) => void;
  signal: AbortSignal;
  /** Told how far it has come, `0 … 1`. */
  onProgress: (fraction: number) => void;
}

/** A video that was made. */
export interface Painted {
  blob: Blob;
  /** Of its file's name: `mp4`. */
  extension: string;
  /** How many were drawn on. */
  frames: number;
  /** Whether it has lost the sound that there was. */
  isMute: boolean;
}
