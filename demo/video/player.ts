import { filterValidPersons, SkeletonOverlay } from 'body21';
import type { BodyAnalysisClient, BodyAnalysisResult } from 'body21';
import { Answers } from './answers.ts';
import type { AnsweredFrame } from './answers.ts';
import type { Clip } from './clip.ts';
import { idOf, LOOK } from './look.ts';
import { Numbering } from '../numbering.ts';

/** Whether the browser tells which frame is on show. */
const TELLS_FRAMES: boolean = 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

/** What the player needs to follow people while frames play that were not analysed. */
export interface Following {
  ready: (signal: AbortSignal) => Promise<BodyAnalysisClient>;
  maxPersons: () => number;
}

/**
 * Plays a video with its people: with the stored answers where there are any, without a network running, and
 * else by following people as it plays.
 */
export class Player extends EventTarget {
  readonly #video: HTMLVideoElement;
  readonly #overlay: SkeletonOverlay;
  readonly #following: Following;
  /** Of every frame, from the first one on. */
  readonly answers = new Answers();
  /** Of frames that were played; from the last one on that was jumped to. */
  readonly played = new Answers();
  #clip: Clip | undefined;
  /** The time of the frame on show, in milliseconds. */
  #shown = 0;
  /** Where the video is to be, in seconds, once it is where it was sent before. */
  #wanted: number | undefined;
  #follow: AbortController | undefined;
  /** Whose person is highlighted. */
  #pointed: number | undefined;
  #drawn: BodyAnalysisResult | undefined;

  constructor(video: HTMLVideoElement, following: Following) {
    super();
    this.#video = video;
    this.#following = following;
    this.#overlay = new SkeletonOverlay(video, LOOK);
    video.addEventListener('seeked', () => this.#seeked());
    video.addEventListener('play', () => void this.#played());
    video.addEventListener('pause', () => this.#paused());
    video.addEventListener('seeking', () => this.#endFollowing());
    this.#listenForFrames();
  }

  get clip(): Clip | undefined {
    return this.#clip;
  }

  /** The time of the frame on show, in milliseconds. */
  get shown(): number {
    return this.#shown;
  }

  /** In milliseconds: Infinity where the file does not say. */
  get duration(): number {
    const { duration } = this.#video;
    const last = this.#clip?.times.at(-1);
    if (Number.isFinite(duration)) return duration * 1000;
    return last === undefined ? Infinity : last + (this.#clip?.frameMs ?? 0);
  }

  get isPlaying(): boolean {
    return !this.#video.paused && !this.#video.ended;
  }

  /** Whether every frame is answered. */
  isComplete = false;

  /** Takes another video, or none. */
  use(clip: Clip | undefined): void {
    this.#endFollowing();
    this.#clip = clip;
    this.answers.clear();
    this.played.clear();
    this.isComplete = false;
    this.#shown = 0;
    this.#wanted = undefined;
    this.#draw(undefined);
    if (clip) this.#video.src = clip.url;
    else {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
  }

  /** Plays, or holds the picture. */
  async toggle(): Promise<void> {
    if (this.isPlaying) this.#video.pause();
    else await this.play();
  }

  /** Plays; without sound where the browser wants the visitor to ask for that. */
  async play(): Promise<void> {
    try {
      await this.#video.play();
    } catch (error) {
      const isRefused = error instanceof DOMException && error.name === 'NotAllowedError';
      if (!isRefused || this.#video.muted) throw error;
      this.#video.muted = true;
      await this.#video.play();
    }
  }

  pause(): void {
    this.#video.pause();
  }

  /** Follows anew, with what is chosen now. Whoever is in view keeps their number. */
  followAnew(): void {
    this.#endFollowing();
    if (this.isPlaying) void this.#played();
  }

  /** Goes to the frame that is shown at a time, in milliseconds. */
  seek(time: number): void {
    const clip = this.#clip;
    if (!clip) return;
    const within = Math.min(Math.max(0, time), Number.isFinite(this.duration) ? this.duration - 1 : time);
    if (!Number.isFinite(within)) return;
    const index = clip.indexAt(within);
    // Not to its very beginning, which rounding would make the end of the one before.
    const begin = clip.times[index];
    const next = clip.times[index + 1] ?? this.duration;
    const at = begin === undefined || next - begin > 500 ? within : begin + (next - begin) / 4;
    if (this.#wanted !== undefined || this.#video.seeking) {
      this.#wanted = at / 1000;
      return;
    }
    this.#video.currentTime = at / 1000;
  }

  /** Goes so many frames on, or back. */
  step(frames: number): void {
    const clip = this.#clip;
    if (!clip) return;
    this.#video.pause();
    // From where it is on its way to: a key that is held down is faster than the video.
    const now = this.#wanted === undefined ? this.#position() : this.#wanted * 1000;
    const index = clip.indexAt(now);
    const to = clip.times[Math.max(0, index + frames)];
    this.seek(index >= 0 && to !== undefined ? to + 1 : now + frames * clip.frameMs);
  }

  /** Shows a frame that is being analysed. */
  showAnalysed({ timestamp, result }: AnsweredFrame, frame: VideoFrame): void {
    this.#shown = timestamp;
    this.#draw(result, frame);
    this.#tell();
  }

  /** Draws one person in full strength and the others faintly; with `undefined`, all of them. */
  point(id: number | undefined): void {
    if (this.#pointed === id) return;
    this.#pointed = id;
    // A frame that was drawn with its people is the overlay's; without it they lie on the video itself.
    if (this.#drawn && !this.isPlaying) this.#draw(this.#drawn);
  }

  /** Where the video is, in milliseconds: its own clock, which knows before the frame is shown. */
  #position(): number {
    return this.#video.seeking ? this.#video.currentTime * 1000 : Math.max(this.#shown, 0);
  }

  #listenForFrames(): void {
    if (!TELLS_FRAMES) {
      this.#video.addEventListener('timeupdate', () => this.#show(this.#video.currentTime * 1000));
      return;
    }
    this.#video.requestVideoFrameCallback((_now, { mediaTime }) => {
      this.#show(mediaTime * 1000);
      this.#listenForFrames();
    });
  }

  #seeked(): void {
    const wanted = this.#wanted;
    this.#wanted = undefined;
    if (wanted !== undefined) this.#video.currentTime = wanted;
    // Where it is the frame that was on show already, no browser tells of it again.
    else this.#show(this.#video.currentTime * 1000);
  }

  #show(time: number): void {
    if (!this.#clip || this.#video.readyState === HTMLMediaElement.HAVE_NOTHING) return;
    // Browsers tell of a frame by its beginning, and of a video by where it is, which may be within a frame.
    this.#shown = this.#clip.times[this.#clip.indexAt(time)] ?? time;
    const stored = this.stored(this.#shown);
    if (stored) this.#draw(stored.result);
    else if (!this.#follow) this.#draw(undefined);
    if (this.isPlaying) void this.#played();
    this.#tell();
  }

  /** Whose answer there is for the frame at a time, in milliseconds. */
  stored(time: number): AnsweredFrame | undefined {
    const frameMs = this.isComplete ? Infinity : 1.5 * (this.#clip?.frameMs ?? 0);
    return this.answers.at(time, frameMs) ?? this.played.of(time);
  }

  /** Follows people where the frame on show has no answer; and no more where it has. */
  async #played(): Promise<void> {
    const isStored = this.answers.at(this.#shown, this.isComplete ? Infinity : (this.#clip?.frameMs ?? 0));
    if (isStored) {
      this.#endFollowing();
      return;
    }
    if (this.#follow) return;
    const control = new AbortController();
    this.#follow = control;
    const { signal } = control;
    try {
      const client = await this.#following.ready(signal);
      const known = this.stored(this.#shown);
      this.played.clear();
      const numbering = new Numbering(known?.result.person_info, this.answers.lastId);
      const options = { keepFrame: true, maxPersons: this.#following.maxPersons(), signal } as const;
      for await (const { timestamp, result, frame } of client.track(this.#video, options)) {
        const answered = { timestamp, result: numbering.apply(filterValidPersons(result)) };
        if (signal.aborted) {
          frame.close();
          continue;
        }
        this.played.add(answered);
        this.#draw(answered.result, frame);
        this.dispatchEvent(new Event('answered'));
      }
    } catch (error) {
      if (signal.aborted) return;
      this.pause();
      this.dispatchEvent(new CustomEvent('failed', { detail: error }));
    } finally {
      if (this.#follow === control) this.#follow = undefined;
    }
  }

  #paused(): void {
    const { last } = this.played;
    const wasFollowing = this.#follow !== undefined;
    this.#endFollowing();
    this.#tell();
    // What is drawn is a little behind: the video goes back to it.
    if (wasFollowing && last && !this.#video.ended && this.#shown - last.timestamp < 2000) {
      this.seek(last.timestamp + 1);
    }
  }

  #endFollowing(): void {
    this.#follow?.abort(new Error('not followed any more'));
    this.#follow = undefined;
  }

  #draw(result: BodyAnalysisResult | undefined, frame?: VideoFrame): void {
    this.#drawn = result;
    if (!result) {
      this.#overlay.clear();
      return;
    }
    const index = result.person_info.findIndex((person) => idOf(person) === this.#pointed);
    this.#overlay.options = index < 0 ? LOOK : { ...LOOK, highlight: index };
    this.#overlay.show(result, frame);
  }

  #tell(): void {
    this.dispatchEvent(new Event('shown'));
  }
}
