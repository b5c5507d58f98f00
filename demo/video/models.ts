import { BodyAnalysisClient, LANDMARK_MODELS } from 'body21';
import type { BodyAnalysisError, LandmarkModel, LoadProgress } from 'body21';

interface Opened {
  model: LandmarkModel;
  client: Promise<BodyAnalysisClient>;
  end: AbortController;
  isOpen: boolean;
}

/** The client that follows people, opened when it is first needed and anew where another model is chosen. */
export class Models {
  /** Told how far loading has come. */
  onProgress: ((progress: LoadProgress) => void) | undefined;
  /** Told that a worker failed and was replaced. */
  onRecovered: ((error: BodyAnalysisError) => void) | undefined;
  #opened: Opened | undefined;

  /**
   * @param name one of {@link LANDMARK_MODELS}; what is none is `lite`
   * @throws the signal's reason when it is aborted; the models load on, since they will be wanted again
   */
  async ready(name: string, signal: AbortSignal): Promise<BodyAnalysisClient> {
    const model = LANDMARK_MODELS.find((known) => known === name) ?? 'lite';
    if (this.#opened?.model !== model) this.#close();
    const opened = (this.#opened ??= this.#open(model));
    try {
      const client = await opened.client;
      signal.throwIfAborted();
      return client;
    } catch (error) {
      // Else the next call would only hear of it again.
      if (!signal.aborted && this.#opened === opened) this.#opened = undefined;
      throw error;
    }
  }

  #open(model: LandmarkModel): Opened {
    const end = new AbortController();
    const opened: Opened = {
      model,
      end,
      isOpen: false,
      client: BodyAnalysisClient.create({
        model,
        quality: 'fast',
        signal: end.signal,
        // More may come while people are looked for; nothing need be said of that.
        onProgress: (progress) => {
          if (!end.signal.aborted && !opened.isOpen) this.onProgress?.(progress);
        },
      }),
    };
    void this.#listen(opened);
    return opened;
  }

  async #listen(opened: Opened): Promise<void> {
    try {
      const client = await opened.client;
      opened.isOpen = true;
      if (opened.end.signal.aborted) client.dispose();
      client.addEventListener('recovered', ({ error }) => this.onRecovered?.(error));
    } catch {
      // Whoever waits for the client hears of it.
    }
  }

  #close(): void {
    const opened = this.#opened;
    opened?.end.abort(new Error('another model'));
    opened?.client.then(
      (client) => client.dispose(),
      () => {},
    );
    this.#opened = undefined;
  }
}
