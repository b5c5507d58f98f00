import { filterValidPersons, SkeletonOverlay } from 'body21';
import type { BodyAnalysisClient, KeptVideoFrame } from 'body21';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useCamera } from './use-body21.ts';

interface LiveProps {
  client: BodyAnalysisClient | undefined;
  /** Must stay the same from one rendering to the next. */
  onStatus: (text: string) => void;
}

/** The camera with everyone's skeleton, for as long as it is shown. */
export function Live({ client, onStatus }: LiveProps) {
  const video = useRef<HTMLVideoElement>(null);
  const overlay = useRef<SkeletonOverlay>(undefined);
  const [people, setPeople] = useState('');
  const frames = useRef(0);

  const show = useCallback(({ result, frame }: KeptVideoFrame) => {
    const valid = filterValidPersons(result);
    overlay.current?.show(valid, frame);
    frames.current += 1;
    const numbers = valid.person_info.map(({ track_id }) => track_id);
    setPeople(`Frame ${frames.current}: ${numbers.length === 0 ? 'nobody' : `no. ${numbers.join(', ')}`}`);
  }, []);
  const { isOn, error } = useCamera(client, video, show);

  useEffect(() => {
    if (!video.current) return undefined;
    overlay.current = new SkeletonOverlay(video.current, { mirror: true, labels: true });
    return () => overlay.current?.dispose();
  }, []);

  useEffect(() => {
    onStatus(error?.message ?? (isOn ? 'Following whoever is in view.' : 'Waiting for the camera …'));
  }, [isOn, error, onStatus]);

  return (
    <>
      <div style={{ position: 'relative' }}>
        <video ref={video} muted playsInline style={{ maxWidth: '100%', transform: 'scaleX(-1)' }} />
      </div>
      <p id="people">{people}</p>
    </>
  );
}
