import { describe, expect, it } from 'vitest'
import { readSdp } from '@/lib/sdp'

const described = (...lines: string[]) => ['v=0', 'o=- 1 1 IN IP4 10.0.0.1', 's=VOV1', ...lines].join('\r\n')

describe('session descriptions', () => {
  it('gives address and format of multicast Opus', () => {
    expect(
      readSdp(
        described('c=IN IP4 239.192.0.1/16', 't=0 0', 'm=audio 5004 RTP/AVP 96', 'a=rtpmap:96 opus/48000/2'),
      ),
    ).toEqual({ address: 'rtp://239.192.0.1:5004', rtpmap: '96 opus/48000/2' })
  })
  it('takes the address of the sound itself, and passes over pictures', () => {
    expect(
      readSdp(
        described(
          'm=video 6000 RTP/AVP 97',
          'c=IN IP4 239.0.0.9/1',
          'a=rtpmap:97 H264/90000',
          'm=audio 5006/2 RTP/AVP 98 0',
          'c=IN IP6 ff15::101',
          'a=rtpmap:0 PCMU/8000',
          'a=rtpmap:98 L24/48000/2',
        ),
      ),
    ).toEqual({ address: 'rtp://[ff15::101]:5006', rtpmap: '98 L24/48000/2' })
  })
  it('needs no format where the type is fixed', () => {
    expect(readSdp(described('c=IN IP4 10.1.2.3', 'm=audio 5004 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'))).toEqual(
      {
        address: 'rtp://10.1.2.3:5004',
        rtpmap: '',
      },
    )
  })
  it('is nothing without sound, port or address', () => {
    for (const text of [
      '',
      'hello',
      described('m=audio 5004 RTP/AVP 0'),
      described('c=IN IP4 10.1.2.3', 'm=video 1 RTP/AVP 97'),
    ])
      expect(readSdp(text)).toBeNull()
  })
})
