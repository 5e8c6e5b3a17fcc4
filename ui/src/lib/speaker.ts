/**
 * A microphone as Opus packets of 20 ms, sent as they are made: WebCodecs encodes, a WebSocket carries. Nothing is kept, and what
 * the line cannot take at once is dropped: live speech that comes late is of no use.
 */
import { urlOf } from '@/api/http'

interface TrackProcessor {
  readonly readable: ReadableStream<AudioData>
}
type TrackProcessorMaker = new (init: { track: MediaStreamTrack }) => TrackProcessor

const trackProcessor = (): TrackProcessorMaker | undefined =>
  (window as unknown as { MediaStreamTrackProcessor?: TrackProcessorMaker }).MediaStreamTrackProcessor

/** Bytes that may wait in the socket: a third of a second. */
const longestBacklog = 1_500

export function canSpeak(): boolean {
  return (
    'AudioEncoder' in window &&
    trackProcessor() !== undefined &&
    (navigator.mediaDevices as MediaDevices | undefined) !== undefined
  )
}

export interface Speaking {
  /** Tells the stations that the speaker has ended. */
  end: () => void
}

interface Listeners {
  /** 0 … 1, about fifty times a second. */
  onLevel: (level: number) => void
  /** Once, when nothing goes out any more; an error when that was not wished. */
  onEnd: (error: Error | null) => void
}

/** Asks the person; to be open before the order is given, since the loudspeakers wait a few seconds at most. */
export async function openMicrophone(): Promise<MediaStreamTrack> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  })
  const track = stream.getAudioTracks()[0]
  if (track === undefined) throw new Error('no microphone')
  return track
}

/** Takes the microphone over. */
export function speak(orderId: string, track: MediaStreamTrack, { onLevel, onEnd }: Listeners): Speaking {
  const Processor = trackProcessor()
  if (Processor === undefined) throw new Error('unsupported')
  const address = new URL(urlOf(`/orders/${encodeURIComponent(orderId)}/speech`), window.location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  const socket = new WebSocket(address)
  socket.binaryType = 'arraybuffer'

  let over = false
  const finish = (error: Error | null) => {
    if (over) return
    over = true
    track.stop()
    if (encoder.state !== 'closed') encoder.close()
    if (socket.readyState === WebSocket.OPEN) socket.send('end')
    socket.close()
    onEnd(error)
  }
  const encoder = new AudioEncoder({
    output: (chunk) => {
      if (socket.readyState !== WebSocket.OPEN || socket.bufferedAmount > longestBacklog) return
      const bytes = new Uint8Array(chunk.byteLength)
      chunk.copyTo(bytes)
      socket.send(bytes)
    },
    error: finish,
  })
  socket.addEventListener('close', () => finish(new Error('closed')))

  const pump = async () => {
    const reader = new Processor({ track }).readable.getReader()
    for (let part = await reader.read(); !part.done && !over; part = await reader.read()) {
      const data = part.value
      const samples = new Float32Array(data.numberOfFrames)
      data.copyTo(samples, { planeIndex: 0, format: 'f32-planar' })
      if (encoder.state === 'unconfigured') {
        encoder.configure({
          codec: 'opus',
          sampleRate: data.sampleRate,
          numberOfChannels: 1,
          bitrate: 32_000,
          opus: { frameDuration: 20_000, useinbandfec: true, packetlossperc: 10 },
        })
      }
      const mono = new AudioData({
        format: 'f32-planar',
        sampleRate: data.sampleRate,
        numberOfFrames: samples.length,
        numberOfChannels: 1,
        timestamp: data.timestamp,
        data: samples,
      })
      if (encoder.state === 'configured') encoder.encode(mono)
      mono.close()
      data.close()
      onLevel(Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / Math.max(1, samples.length)))
    }
  }
  pump().catch((error: unknown) => finish(error instanceof Error ? error : new Error(String(error))))
  return { end: () => finish(null) }
}
