import { drawPersons } from 'body21';
import { byId } from '../dom.ts';
import { megabytes } from '../format.ts';
import { Recording } from '../recording.ts';
import type { Answers } from './answers.ts';
import { LOOK } from './look.ts';
import type { Painted, PaintRequest } from './painted.ts';
import type { Player } from './player.ts';
import { words } from '../words/words.ts';

/** Takes away what was found: as text, as a table and as a video. */
export class Keeping {
  /** Told what went wrong. */
  onTrouble: ((message: string) => void) | undefined;
  readonly #player: Player;
  readonly #video: HTMLVideoElement;
  readonly #lines = byId('save-jsonl', HTMLButtonElement);
  readonly #table = byId('save-csv', HTMLButtonElement);
  readonly #make = byId('make-video', HTMLButtonElement);
  readonly #cancel = byId('cancel-video', HTMLButtonElement);
  readonly #progress = byId('making', HTMLProgressElement);
  readonly #note = byId('kept', HTMLElement);
  readonly #result = byId('made', HTMLElement);
  readonly #link = byId('save-video', HTMLAnchorElement);
  #work: AbortController | undefined;

  constructor(player: Player, video: HTMLVideoElement) {
    this.#player = player;
    this.#video = video;
  }

  connect(): void {
    this.#lines.addEventListener('click', () =>
      this.#saveText('jsonl', 'application/jsonl', (recording) => recording.toJsonLines()),
    );
    this.#table.addEventListener('click', () =>
      this.#saveText('csv', 'text/csv', (recording) => recording.toCsv()),
    );
    this.#make.addEventListener('click', () => void this.#makeVideo());
    this.#cancel.addEventListener('click', () => this.#work?.abort(new Error('cancelled')));
  }

  /** Whether a video is being made. */
  get isBusy(): boolean {
    return this.#work !== undefined;
  }

  /** Offers what there is to be taken away; nothing while there is more to come. */
  offer(isReady: boolean): void {
    const isOpen = isReady && this.#source.length > 0;
    this.#lines.disabled = this.#table.disabled = !isOpen;
    this.#make.disabled = !isOpen || this.isBusy;
  }

  /** Lets go of what was made of the video before. */
  forget(): void {
    this.#work?.abort(new Error('another video'));
    this.#result.hidden = true;
    URL.revokeObjectURL(this.#link.href);
    this.#link.removeAttribute('href');
    this.#say('');
  }

  /** Every frame's answers where there are any; else those of the frames that were played. */
  get #source(): Answers {
    const { answers, played } = this.#player;
    return answers.length > 0 ? answers : played;
  }

  #saveText(extension: string, type: string, write: (recording: Recording) => string): void {
    const recording = new Recording();
    for (const { timestamp, result } of this.#source.all()) recording.add(timestamp, result);
    const url = URL.createObjectURL(new Blob([write(recording)], { type }));
    const link = document.createElement('a');
    link.href = url;
    link.download = this.#nameOf(extension);
    link.click();
    // The browser has begun to read it by then, however slow it is.
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    this.#say(words.video.written(recording.length, link.download));
  }

  async #makeVideo(): Promise<void> {
    const { clip } = this.#player;
    if (!clip) return;
    this.forget();
    const work = new AbortController();
    this.#work = work;
    const { signal } = work;
    this.#show();
    this.#say(words.video.making);
    try {
      const painted = await this.#paint({
        width: this.#video.videoWidth,
        height: this.#video.videoHeight,
        duration: this.#player.duration,
        paint: (context, time) => this.#paintPeople(context, time),
        signal,
        onProgress: (fraction) => {
          this.#progress.value = fraction;
        },
      });
      if (!painted) throw new Error(words.video.cannotWrite);
      this.#finish(painted);
    } catch (error) {
      const isCancelled = signal.aborted;
      this.#say(isCancelled ? words.video.makingCancelled : '');
      if (!isCancelled) this.onTrouble?.(words.video.makingFailed(messageOf(error)));
    } finally {
      if (this.#work === work) this.#work = undefined;
      this.#show();
    }
  }

  /** Frame by frame where the browser can; else by recording what plays. */
  async #paint(request: PaintRequest): Promise<Painted | undefined> {
    const { clip } = this.#player;
    if (!clip) return undefined;
    await clip.isRead;
    if (clip.container && clip.canDecode) {
      const { renderVideo } = await import('./rendering.ts');
      const rendered = await renderVideo(clip.container, request);
      if (rendered) return rendered;
    }
    const { recordVideo } = await import('./recorder.ts');
    this.#say(words.video.recording);
    return recordVideo(clip.url, request);
  }

  #paintPeople(context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D, time: number): void {
    const answered = this.#player.stored(time);
    if (!answered) return;
    const { width, height } = context.canvas;
    context.save();
    context.scale(width / this.#video.videoWidth, height / this.#video.videoHeight);
    drawPersons(context, answered.result, LOOK);
    context.restore();
  }

  #finish({ blob, extension, frames, isMute }: Painted): void {
    this.#link.href = URL.createObjectURL(blob);
    this.#link.download = this.#nameOf(extension);
    this.#result.hidden = false;
    const made = words.video.made(frames, megabytes(blob.size));
    this.#say(isMute && this.#player.clip?.hasSound !== false ? `${made} ${words.video.mute}` : made);
    // Whoever still waits where the work was has it next.
    if (document.activeElement === this.#cancel || document.activeElement === document.body)
      this.#link.focus();
  }

  #show(): void {
    const { isBusy } = this;
    const hadFocus = document.activeElement === (isBusy ? this.#make : this.#cancel);
    this.#progress.hidden = this.#cancel.hidden = !isBusy;
    this.#progress.value = 0;
    this.#make.hidden = isBusy;
    this.offer(true);
    if (hadFocus) (isBusy ? this.#cancel : this.#make).focus();
  }

  #say(text: string): void {
    this.#note.textContent = text;
  }

  #nameOf(extension: string): string {
    const name = this.#player.clip?.file.name.replace(/\.[^.]*$/, '') || 'video';
    return `${name}-body21.${extension}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
