/** Reads the session descriptions (SDP, RFC 4566) that senders of RTP give out. The scheduler checks what comes of it. */

export interface RtpSession {
  /** rtp://host:port */
  readonly address: string
  /** "96 opus/48000/2"; empty where the type is fixed (RFC 3551). */
  readonly rtpmap: string
}

/** The first sound of the description; null when there is none with an address and a port. */
export function readSdp(text: string): RtpSession | null {
  let sessionHost = ''
  let mediaHost = ''
  let port = ''
  let type = ''
  let rtpmap = ''
  let inAudio = false
  for (const line of text.split(/\r?\n/)) {
    const host = /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1]
    const media = /^m=(\w+) (\d+)(?:\/\d+)? RTP\/AVP (\d+)/.exec(line)
    if (line.startsWith('m=')) {
      if (port !== '') break
      inAudio = media?.[1] === 'audio'
      if (inAudio) {
        port = media?.[2] ?? ''
        type = media?.[3] ?? ''
      }
    } else if (host !== undefined && (port === '' || inAudio)) {
      if (inAudio) mediaHost = host
      else sessionHost = host
    } else if (inAudio && line.startsWith(`a=rtpmap:${type} `)) {
      rtpmap = line.slice('a=rtpmap:'.length).trim()
    }
  }
  const host = mediaHost || sessionHost
  if (host === '' || port === '') return null
  return {
    address: `rtp://${host.includes(':') ? `[${host}]` : host}:${port}`,
    rtpmap: Number(type) >= 96 ? rtpmap : '',
  }
}
