import { filterValidPersons } from 'body21';
import type { BodyAnalysisClient, SkeletonOverlay, TrackedResult } from 'body21';
import { Answers } from './answers.ts';
import type { AnsweredFrame } from './answers.ts';
import type { Clip } from './clip.ts';
import { idOf, LOOK } from './look.ts';
import { Numbering } from '../numbering.ts';
import type { MovingViews, ShownFrame } from '../views/moving.ts';
import { withExtras } from './lent-extras.ts';

/** Whether the browser tells which frame is on show. */
const TELLS_FRAMES: boolean = 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

/** Frames no further from each other than this, in milliseconds, have the same people. */
const NEAR_MS = 1000;

/** What the player needs to follow people while frames play that were not analysed. */
export interface Following {
  ready: (signal: AbortSignal) => Promise<BodyAnalysisClient>;
  maxPersons: () => number;
}

/** What the people of a frame are shown on. */
export interface PlayerStage {
  overlay: SkeletonOverlay;
  views: MovingViews;
}

/**
 * Plays a video with its people: with the stored answers where there are any, without a network running, and
 * else by following people as it plays. No answers are stored of what a view needs beyond points: that is asked for
 * of the frames on show.
 */
export class Player extends EventTarget {
  readonly #video: HTMLVideoElement;
  readonly #overlay: SkeletonOverlay;
  readonly #views: MovingViews;
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
  /** The time of the last frame that was followed in this run, in milliseconds. */
  #followed: number | undefined;
  /** Asks for what the view needs of the frame on show, while the video is held. */
  #still: AbortController | undefined;
  /** Whose person is highlighted. */
  #pointed: number | undefined;
  #drawn: TrackedResult | undefined;

  constructor(video: HTMLVideoElement, { overlay, views }: PlayerStage, following: Following) {
    super();
    this.#video = video;
    this.#overlay = overlay;
    this.#views = views;
    this.#following = following;
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
  /** The highest number that somebody in a held frame was given. */
  #lastId = 0;

  /** Takes another video, or none. */
  use(clip: Clip | undefined): void {
    this.#endFollowing();
    this.#endStill();
    this.#clip = clip;
    this.answers.clear();
    this.played.clear();
    this.isComplete = false;
    this.#lastId = 0;
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

  /** Shows people anew, with what is chosen now. Whoever is in view keeps their number. */
  showAnew(): void {
    this.#endFollowing();
    this.#endStill();
    this.#show(this.#video.currentTime * 1000);
  }

  /** Goes to the frame that is shown at a time, in milliseconds. */
  seek(time: number): void {
    const clip = this.#clip;
    if (!clip) return;
    // Else, where it has just been held, it would go back to the last frame that was followed.
    this.#endFollowing();
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
    this.#endStill();
    this.#shown = timestamp;
    this.#draw(result, { frame });
    this.#tell();
  }

  /** Draws one person in full strength and the others faintly; with `undefined`, all of them. */
  point(id: number | undefined): void {
    if (this.#pointed === id) return;
    this.#pointed = id;
    if (this.isPlaying) return;
    this.#highlight();
    this.#views.redraw();
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
    const needsMore = this.#views.extras.length > 0;
    // Until there is more, skeletons are better than those of another frame.
    if (!needsMore || (this.#views.isPlain && !this.isPlaying)) {
      if (stored) this.#draw(stored.result);
      else if (!this.#follow) this.#draw(undefined);
    }
    if (needsMore && !this.isPlaying) void this.#lookAtStill();
    if (this.isPlaying) void this.#played();
    this.#tell();
  }

  /** Whose answer there is for the frame at a time, in milliseconds. */
  stored(time: number): AnsweredFrame | undefined {
    const frameMs = this.isComplete ? Infinity : 1.5 * (this.#clip?.frameMs ?? 0);
    return this.answers.at(time, frameMs) ?? this.played.of(time);
  }

  /** Follows people where the frame on show has no answer, or none with what the view needs; else no more. */
  async #played(): Promise<void> {
    this.#endStill();
    const { extras } = this.#views;
    const frameMs = this.isComplete ? Infinity : (this.#clip?.frameMs ?? 0);
    if (extras.length === 0 && this.answers.at(this.#shown, frameMs)) {
      this.#endFollowing();
      return;
    }
    if (this.#follow) return;
    const control = new AbortController();
    this.#follow = control;
    this.#followed = undefined;
    const { signal } = control;
    try {
      const client = await this.#following.ready(signal);
      // Whoever pauses, or has another view, goes on; whoever jumps begins anew.
      const { last } = this.played;
      if (!last || Math.abs(this.#shown - last.timestamp) > NEAR_MS) this.played.clear();
      const numbering = this.#numbering();
      const maxPersons = this.#following.maxPersons();
      const options = { keepFrame: true, maxPersons, extras, signal } as const;
      for await (const { timestamp, result, frame, latencyMs } of client.track(this.#video, options)) {
        const people = numbering.apply(filterValidPersons(result));
        if (signal.aborted || numbering.isFindingAnew) {
          frame.close();
          continue;
        }
        this.#followed = timestamp;
        const stored = this.answers.at(timestamp, frameMs);
        if (!stored) this.played.add({ timestamp, result: people });
        this.#draw(stored ? withExtras(stored.result, people.person_info) : people, {
          timestamp,
          frame,
          latencyMs,
        });
        this.dispatchEvent(new Event('answered'));
      }
    } catch (error) {
      if (signal.aborted) return;
      this.pause();
      this.#fail(error);
    } finally {
      if (this.#follow === control) this.#follow = undefined;
    }
  }

  /** Has whoever is on show keep their numbers. */
  #numbering(): Numbering {
    const known = this.stored(this.#shown)?.result ?? this.#drawn;
    return new Numbering(known?.person_info, Math.max(this.#lastId, this.answers.lastId, this.played.lastId));
  }

  /** Shows the frame that the video is held at with what the view needs, and the next one, should it go on meanwhile. */
  async #lookAtStill(): Promise<void> {
    if (this.#still) return;
    const control = new AbortController();
    this.#still = control;
    const { signal } = control;
    try {
      const client = await this.#following.ready(signal);
      for (let looked: number | undefined; looked !== this.#shown;) {
        looked = this.#shown;
        const frame = frameOf(this.#video);
        // It is told of once it is there.
        if (!frame) return;
        const people = await this.#peopleIn(frame, client, signal).catch((error: unknown) => {
          frame.close();
          throw error;
        });
        this.#draw(people, { frame, timestamp: looked });
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (this.#still === control) this.#still = undefined;
    }
  }

  /** @throws the signal's reason when it is aborted, and whatever `client.bodyAnalysis` throws */
  async #peopleIn(
    frame: VideoFrame,
    client: BodyAnalysisClient,
    signal: AbortSignal,
  ): Promise<TrackedResult> {
    const time = this.#shown;
    const options = { extras: this.#views.extras, maxPersons: this.#following.maxPersons(), signal };
    const result = filterValidPersons(await client.bodyAnalysis(frame, options));
    signal.throwIfAborted();
    const stored = this.stored(time)?.result;
    if (stored) return withExtras(stored, result.person_info);
    const person_info = result.person_info.map((person, at) => ({ ...person, track_id: at + 1 }));
    const numbering = this.#numbering();
    const people = numbering.apply({ ...result, person_info });
    // Nothing else remembers who was in a frame that is only held.
    this.#lastId = numbering.lastId;
    return people;
  }

  #paused(): void {
    const wasFollowing = this.#follow !== undefined;
    this.#endFollowing();
    this.#tell();
    // What is drawn is a little behind: the video goes back to it.
    const last = wasFollowing && !this.#video.ended ? this.#followed : undefined;
    if (last !== undefined && this.#shown - last < 2000) this.seek(last + 1);
    else if (this.#views.extras.length > 0) void this.#lookAtStill();
  }

  #endFollowing(): void {
    this.#follow?.abort(new Error('not followed any more'));
    this.#follow = undefined;
  }

  #endStill(): void {
    this.#still?.abort(new Error('not looked at any more'));
    this.#still = undefined;
  }

  #draw(result: TrackedResult | undefined, shown: Partial<ShownFrame> = {}): void {
    this.#drawn = result;
    if (!result) {
      this.#views.clear();
      return;
    }
    this.#highlight();
    this.#views.show({ timestamp: this.#shown, ...shown, people: result });
  }

  #highlight(): void {
    const index = this.#drawn?.person_info.findIndex((person) => idOf(person) === this.#pointed) ?? -1;
    this.#overlay.options = index < 0 ? LOOK : { ...LOOK, highlight: index };
  }

  #fail(error: unknown): void {
    this.dispatchEvent(new CustomEvent('failed', { detail: error }));
  }

  #tell(): void {
    this.dispatchEvent(new Event('shown'));
  }
}

/** The frame that a video shows now; `undefined` where none is there yet, whatever the video says. */
function frameOf(video: HTMLVideoElement): VideoFrame | undefined {
  try {
    return new VideoFrame(video);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError') return undefined;
    throw error;
  }
}
