/** Many units or stations from one CSV file, all or none; what is wrong is told by line. */
import { DownloadOutlined, FileTextOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Alert, Button, Input, Modal, Segmented } from 'antd'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { fileImported, importStations, importUnits } from '@/api/endpoints'
import type { ImportReport, PlanningChange } from '@/api/types'
import { organisationChanged } from '@/app/queries'
import { ImportProblems } from '@/components/import_problems'
import { ProblemNotice } from '@/components/page'
import { PlanPreview } from '@/components/plan_preview'

type Kind = 'units' | 'stations'
const columns: Record<Kind, string> = {
  units: 'code,parent_code,name,kind,valid_from,valid_until',
  stations: 'code,unit_code,name,time_zone,clusters',
}

interface ImportDialogProps {
  readonly initial: Kind
  readonly onClose: () => void
}

export default function ImportDialog({ initial, onClose }: ImportDialogProps) {
  const { t } = useTranslation()
  const [kind, setKind] = useState<Kind>(initial)
  const [text, setText] = useState('')
  const [fileName, setFileName] = useState('')
  const [asked, setAsked] = useState<PlanningChange | null>(null)
  const input = useRef<HTMLInputElement>(null)
  const send = useMutation({
    mutationFn: () => (kind === 'units' ? importUnits(text) : importStations(text)),
    onSuccess: (report) => (report.errors.length === 0 ? organisationChanged() : undefined),
  })
  const sample = `${columns[kind]}\n${t(`import.sample_${kind}`)}\n`
  const sampleUrl = useMemo(
    () => URL.createObjectURL(new Blob(['\ufeff', sample], { type: 'text/csv' })),
    [sample],
  )
  useEffect(() => () => URL.revokeObjectURL(sampleUrl), [sampleUrl])
  const imported = send.data !== undefined && send.data.errors.length === 0

  const change = (next: string, name = '') => {
    send.reset()
    setAsked(null)
    setText(next)
    setFileName(name)
  }

  return (
    <Modal
      open
      width={720}
      title={t('import.title')}
      onCancel={onClose}
      footer={
        imported ? (
          <Button type="primary" onClick={onClose}>
            {t('common.done')}
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button disabled={text.trim() === ''} onClick={() => setAsked(fileImported(kind, text))}>
              {t('preview.show')}
            </Button>
            <Button
              type="primary"
              disabled={text.trim() === ''}
              loading={send.isPending}
              onClick={() => send.mutate()}
            >
              {t('import.send')}
            </Button>
          </>
        )
      }
    >
      <div className="import">
        <Segmented<Kind>
          className="kind-switch"
          aria-label={t('organisation.show')}
          value={kind}
          onChange={(next) => {
            send.reset()
            setAsked(null)
            setKind(next)
          }}
          options={[
            { value: 'units', label: t('import.units') },
            { value: 'stations', label: t('import.stations') },
          ]}
        />
        <p className="quiet">{t(`import.lead_${kind}`)}</p>
        <p className="import-columns">
          <code>{columns[kind]}</code>
          <a href={sampleUrl} download={`loa-${kind}.csv`}>
            <DownloadOutlined aria-hidden="true" /> {t('import.sample')}
          </a>
        </p>
        {send.error !== null && <ProblemNotice error={send.error} />}
        {send.data !== undefined && <Report report={send.data} />}
        {!imported && (
          <>
            <div className="import-file">
              <Button icon={<FileTextOutlined />} onClick={() => input.current?.click()}>
                {t('import.choose')}
              </Button>
              {fileName !== '' && <span className="break-anywhere">{fileName}</span>}
              <input
                ref={input}
                type="file"
                accept=".csv,text/csv"
                className="visually-hidden"
                tabIndex={-1}
                aria-label={t('import.file')}
                onChange={(event) => {
                  const file = event.target.files?.[0]
                  event.target.value = ''
                  if (file !== undefined) void file.text().then((content) => change(content, file.name))
                }}
              />
            </div>
            <label className="field-label" htmlFor="import-text">
              {t('import.text')}
            </label>
            <Input.TextArea
              id="import-text"
              className="import-text"
              autoSize={{ minRows: 5, maxRows: 14 }}
              spellCheck={false}
              value={text}
              placeholder={sample}
              onChange={(event) => change(event.target.value)}
            />
            {asked !== null && <PlanPreview asked={{ change: asked }} isMade={send.isPending} />}
          </>
        )}
      </div>
    </Modal>
  )
}

function Report({ report }: { readonly report: ImportReport }) {
  const { t } = useTranslation()
  if (report.errors.length > 0) return <ImportProblems problems={report.errors} />
  return (
    <Alert
      type="success"
      showIcon
      message={t('import.done', { created: report.created, updated: report.updated })}
    />
  )
}
