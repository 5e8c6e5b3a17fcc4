import { CheckOutlined, CloudUploadOutlined, PauseOutlined, PlayCircleOutlined } from '@ant-design/icons'
import { Button, Progress } from 'antd'
import { useRef, useState, type DragEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { versionAdded } from '@/api/endpoints'
import type { Item } from '@/api/types'
import { itemChanged } from '@/app/queries'
import { PlanPreview } from '@/components/plan_preview'
import { useProblemText } from '@/components/problem_text'
import { useUpload } from '@/lib/hooks'
import {
  cancelUpload,
  forgetUnfinished,
  pauseUpload,
  registerUpload,
  resumeUpload,
  startUpload,
  unfinishedUpload,
  type UploadState,
} from '@/lib/upload_store'
import { showBytes } from '@/lib/bytes'

interface UploadPanelProps {
  readonly item: Item
  readonly hasAudio: boolean
}

export function UploadPanel({ item, hasAudio }: UploadPanelProps) {
  const upload = useUpload(item.id)
  return upload === null ? <ChooseFile item={item} hasAudio={hasAudio} /> : <UploadProgress upload={upload} />
}

function ChooseFile({ item, hasAudio }: UploadPanelProps) {
  const { t, i18n } = useTranslation()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [open, setOpen] = useState(!hasAudio)
  const unfinished = unfinishedUpload(item.id)

  const take = (file: File | undefined) => {
    // A plan may have an approved item; what it loses is told before.
    const asks = item.status === 'approved'
    if (file !== undefined) startUpload(item.id, file, asks, () => void itemChanged(item.id))
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }

  if (!open && unfinished === null) {
    return (
      <Button icon={<CloudUploadOutlined />} onClick={() => setOpen(true)}>
        {t('upload.replace')}
      </Button>
    )
  }
  return (
    <div
      className={over ? 'drop drop-over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <CloudUploadOutlined className="drop-icon" aria-hidden="true" />
      {unfinished === null ? (
        <p>
          <strong>{hasAudio ? t('upload.choose_new') : t('upload.choose')}</strong>
          <br />
          <span className="quiet">{hasAudio ? t('upload.replace_note') : t('upload.formats')}</span>
        </p>
      ) : (
        <p>
          <strong>{t('upload.unfinished', { name: unfinished.fileName })}</strong>
          <br />
          <span className="quiet">
            {t('upload.unfinished_hint', {
              sent: showBytes(unfinished.bytesSent, i18n.language),
              total: showBytes(unfinished.bytesTotal, i18n.language),
            })}
          </span>
        </p>
      )}
      <input
        ref={input}
        type="file"
        className="visually-hidden"
        tabIndex={-1}
        aria-label={t('upload.file')}
        accept="audio/*,video/*,.mp3,.wav,.m4a,.ogg,.opus,.flac,.wma,.amr"
        onChange={(event) => {
          take(event.target.files?.[0])
          event.target.value = ''
        }}
      />
      <div className="action-buttons">
        <Button type="primary" size="large" onClick={() => input.current?.click()}>
          {unfinished === null ? t('upload.pick') : t('upload.pick_same')}
        </Button>
        {unfinished !== null && (
          <Button size="large" onClick={() => forgetUnfinished(item.id)}>
            {t('upload.forget')}
          </Button>
        )}
      </div>
    </div>
  )
}

function UploadProgress({ upload }: { readonly upload: UploadState }) {
  const { t, i18n } = useTranslation()
  const problemText = useProblemText()
  const percent = upload.bytesTotal === 0 ? 0 : Math.floor((100 * upload.bytesSent) / upload.bytesTotal)
  const problem = upload.problem === null ? null : problemText(upload.problem)
  return (
    <div className="upload" role="group" aria-label={t('upload.file')}>
      <p>
        <strong className="break-anywhere">{upload.fileName}</strong>
        <br />
        <span className="quiet" aria-live="polite">
          {t(`upload.phase.${upload.phase}`)} · {showBytes(upload.bytesSent, i18n.language)} /{' '}
          {showBytes(upload.bytesTotal, i18n.language)}
        </span>
      </p>
      <Progress percent={percent} status={upload.phase === 'failed' ? 'exception' : 'active'} />
      {upload.phase === 'sent' && upload.uploadId !== null && (
        <>
          <p>{t('upload.sent_hint')}</p>
          <PlanPreview asked={{ change: versionAdded(upload.itemId, upload.uploadId) }} />
        </>
      )}
      {problem !== null && (
        <p className="note tone-bad" role="alert">
          <strong>{problem.title}</strong> {problem.detail}
        </p>
      )}
      <div className="action-buttons">
        {upload.phase === 'sending' && (
          <Button icon={<PauseOutlined />} onClick={() => void pauseUpload(upload.itemId)}>
            {t('upload.pause')}
          </Button>
        )}
        {(upload.phase === 'paused' || upload.phase === 'failed') && (
          <Button type="primary" icon={<PlayCircleOutlined />} onClick={() => resumeUpload(upload.itemId)}>
            {t('upload.resume')}
          </Button>
        )}
        {upload.phase === 'sent' && (
          <Button type="primary" icon={<CheckOutlined />} onClick={() => registerUpload(upload.itemId)}>
            {t('upload.use')}
          </Button>
        )}
        {upload.phase !== 'registering' && (
          <Button danger type="text" onClick={() => void cancelUpload(upload.itemId)}>
            {t('upload.cancel')}
          </Button>
        )}
      </div>
    </div>
  )
}
