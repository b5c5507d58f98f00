import type { BodyAnalysisResult } from 'body21';
import { byId } from '../dom.ts';
import { Recording } from '../recording.ts';
import type { MovingViews } from '../views/moving.ts';
import { words } from '../words/words.ts';

/** Takes away what is on show: a picture of it, and what is found from now on. */
export class Keep {
  readonly #views: MovingViews;
  readonly #snapshot = byId('snapshot', HTMLButtonElement);
  readonly #record = byId('record', HTMLButtonElement);
  readonly #taken = byId('taken', HTMLElement);
  readonly #recorded = byId('recorded', HTMLElement);
  readonly #complain: (text: string) => void;
  #recording: Recording | undefined;
  /** Whom the stage shows. */
  #shown: BodyAnalysisResult | undefined;

  /** @param complain told what went wrong */
  constructor(views: MovingViews, complain: (text: string) => void) {
    this.#views = views;
    this.#complain = complain;
  }

  connect(): void {
    this.#snapshot.addEventListener('click', () => {
      this.#takeSnapshot().catch((error: unknown) =>
        this.#complain(words.live.snapshotFailed(String(error))),
      );
    });
    this.#record.addEventListener('click', () => {
      if (this.#recording) this.#finish();
      else this.#begin();
    });
  }

  /** Whom the stage shows from now on. */
  show(shown: BodyAnalysisResult, timestamp: number): void {
    this.#shown = shown;
    this.#snapshot.disabled = this.#record.disabled = false;
    if (!this.#recording) return;
    this.#recording.add(timestamp, shown);
    this.#recorded.textContent = recordedText(this.#recording);
  }

  /** Nothing is on show any more. */
  end(): void {
    this.#shown = undefined;
    this.#snapshot.disabled = this.#record.disabled = true;
    if (this.#recording) this.#finish();
  }

  /** Keeps what is on show: the very frame, as it is seen, and the people who are drawn on it. */
  async #takeSnapshot(): Promise<void> {
    const persons = this.#shown;
    const picture = this.#views.toCanvas();
    if (!persons || !picture) return;
    const blob = await new Promise<Blob | null>((resolve) => picture.toBlob(resolve));
    if (!blob) throw new Error(words.live.noPictureFile);
    const json = JSON.stringify(persons, undefined, 2);
    const shot = byId('shot-picture', HTMLImageElement);
    URL.revokeObjectURL(shot.src);
    shot.src = URL.createObjectURL(blob);
    const thumbnail = byId('thumbnail', HTMLAnchorElement);
    byId('thumbnail-picture', HTMLImageElement).src = shot.src;
    for (const link of [byId('save-picture', HTMLAnchorElement), thumbnail]) link.href = shot.src;
    thumbnail.hidden = false;
    offer('save-json', json, 'application/json');
    byId('json', HTMLElement).textContent = json;
    byId('shot-note', HTMLElement).textContent = this.#views.isMirrored ? words.live.snapshotMirrored : '';
    byId('shot', HTMLElement).hidden = false;
    this.#taken.textContent = words.live.snapshotTaken(persons.person_num);
  }

  #begin(): void {
    this.#recording = new Recording();
    this.#record.setAttribute('aria-pressed', 'true');
    this.#record.textContent = words.live.stopRecording;
    byId('recording', HTMLElement).hidden = true;
    this.#recorded.hidden = false;
    this.#recorded.textContent = words.live.recording;
  }

  #finish(): void {
    const recording = this.#recording;
    if (!recording) return;
    offer('save-jsonl', recording.toJsonLines(), 'application/jsonl');
    offer('save-csv', recording.toCsv(), 'text/csv');
    this.#recorded.textContent = recordedText(recording);
    byId('recording', HTMLElement).hidden = recording.length === 0;
    this.#recording = undefined;
    this.#record.setAttribute('aria-pressed', 'false');
    this.#record.textContent = words.live.record;
  }
}

function recordedText({ length }: Recording): string {
  return words.live.recorded(length);
}

function offer(id: string, text: string, type: string): void {
  const link = byId(id, HTMLAnchorElement);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([text], { type }));
}
