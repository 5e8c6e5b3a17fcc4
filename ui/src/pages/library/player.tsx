/** Listens to a house file. The browser streams it by Range requests; the waveform is drawn from the scheduler's peaks, never decoded here. */
import { CaretRightFilled, PauseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import WaveSurfer from 'wavesurfer.js'
import { apiPrefix } from '@/api/http'
import type { ItemVersion } from '@/api/types'
import { normalisedPeaks, playedPart } from '@/lib/peaks'
import { showDuration } from '@/lib/time'
import { usePreferences } from '@/app/preferences'

interface PlayerProps {
  readonly version: ItemVersion
  readonly onHeard: (part: number) => void
}

const stepSeconds = 5

export default function Player({ version, onHeard }: PlayerProps) {
  const { t } = useTranslation()
  const { dark } = usePreferences()
  const audio = useRef<HTMLAudioElement>(null)
  const drawing = useRef<HTMLDivElement>(null)
  const [playing, setPlaying] = useState(false)
  const [position, setPosition] = useState(0)
  const [failed, setFailed] = useState(false)
  const seconds = version.duration_ms / 1000
  const { peaks } = version

  useEffect(() => {
    if (audio.current === null || drawing.current === null) return
    const style = getComputedStyle(document.documentElement)
    const wave = WaveSurfer.create({
      container: drawing.current,
      media: audio.current,
      peaks: [normalisedPeaks(peaks)],
      duration: seconds,
      height: 84,
      barWidth: 3,
      barGap: 2,
      barRadius: 2,
      cursorWidth: 2,
      cursorColor: style.getPropertyValue('--accent').trim(),
      waveColor: style.getPropertyValue('--wave').trim(),
      progressColor: style.getPropertyValue('--primary').trim(),
      dragToSeek: true,
      hideScrollbar: true,
    })
    return () => wave.destroy()
  }, [peaks, seconds, dark])

  const toggle = () => {
    const element = audio.current
    if (element === null) return
    if (element.paused) void element.play().catch(() => setFailed(true))
    else element.pause()
  }
  const seek = (to: number) => {
    if (audio.current !== null) audio.current.currentTime = Math.min(seconds, Math.max(0, to))
  }
  const keys = (event: KeyboardEvent) => {
    const moves: Partial<Record<string, number>> = {
      ArrowLeft: position - stepSeconds,
      ArrowRight: position + stepSeconds,
      Home: 0,
      End: seconds,
    }
    const to = moves[event.key]
    if (to !== undefined) {
      event.preventDefault()
      seek(to)
    } else if (event.key === ' ' || event.key === 'Enter') {
      event.preventDefault()
      toggle()
    }
  }
  const note = () => {
    if (audio.current === null) return
    setPosition(audio.current.currentTime)
    onHeard(playedPart(audio.current.played, seconds))
  }

  return (
    <div className="player">
      <audio
        ref={audio}
        src={`${apiPrefix}/media/${version.sha256 ?? ''}`}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onEnded={note}
        onTimeUpdate={note}
        onError={() => setFailed(true)}
      />
      <Button
        type="primary"
        shape="circle"
        className="player-button"
        icon={playing ? <PauseOutlined /> : <CaretRightFilled />}
        aria-label={playing ? t('audio.pause') : t('audio.play')}
        onClick={toggle}
      />
      <div className="player-wave">
        <div
          ref={drawing}
          className="wave"
          role="slider"
          tabIndex={0}
          aria-label={t('audio.position')}
          aria-valuemin={0}
          aria-valuemax={Math.round(seconds)}
          aria-valuenow={Math.round(position)}
          aria-valuetext={t('audio.position_of', {
            position: showDuration(position * 1000),
            length: showDuration(version.duration_ms),
          })}
          onKeyDown={keys}
        />
        <div className="player-times">
          <span>{showDuration(position * 1000)}</span>
          <span>{showDuration(version.duration_ms)}</span>
        </div>
      </div>
      {failed && (
        <p className="note tone-bad" role="alert">
          {t('audio.failed')}
        </p>
      )}
    </div>
  )
}
