import { useEffect, useRef, useState } from 'react';
import { follow } from './follow.ts';

/** What the live picture tells the app. Both functions must stay the same from one rendering to the next. */
interface LiveProps {
  onStatus: (text: string) => void;
  onError: (message: string) => void;
}

/** The camera with everyone's skeleton, for as long as it is shown. */
export function Live({ onStatus, onError }: LiveProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [people, setPeople] = useState('');

  useEffect(() => {
    if (!video.current) return undefined;
    const end = new AbortController();
    // What was started and left, as StrictMode does it once, has nothing to say any more.
    const unlessLeft = (tell: (text: string) => void) => (text: string) => {
      if (!end.signal.aborted) tell(text);
    };
    follow(video.current, end.signal, {
      status: unlessLeft(onStatus),
      people: unlessLeft(setPeople),
    }).catch((error: unknown) => {
      unlessLeft(onError)(error instanceof Error ? error.message : String(error));
    });
    return () => end.abort();
  }, [onStatus, onError]);

  return (
    <>
      <div style={{ position: 'relative' }}>
        <video ref={video} muted playsInline style={{ maxWidth: '100%', transform: 'scaleX(-1)' }} />
      </div>
      <p id="people">{people}</p>
    </>
  );
}
