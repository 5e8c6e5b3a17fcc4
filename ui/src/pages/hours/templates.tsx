/** What sessions are made of: the templates that a unit's stations may use. */
import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { deleteTemplate } from '@/api/endpoints'
import type { SessionTemplate, Station, TemplatePart } from '@/api/types'
import { hoursChanged, useTemplates, useUnits } from '@/app/queries'
import { useUser } from '@/app/session'
import { Answer, Empty, ProblemNotice } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { lineage, mayFor } from '@/lib/roles'
import { hasTune, minuteText } from '@/lib/template'
import { TemplateForm } from './template_form'

export function Templates({ station }: { readonly station: Station }) {
  const { t } = useTranslation()
  const user = useUser()
  const units = useUnits().data ?? []
  const templates = useTemplates(station.unit_id)
  const [edited, setEdited] = useState<SessionTemplate | 'new' | null>(null)
  const mayAdd = lineage(station.unit_id, units).some((unit) => mayFor(user, 'rules', unit, units))
  return (
    <section className="panel" aria-labelledby="templates-heading">
      <h2 id="templates-heading">{t('template.title')}</h2>
      <p className="quiet">{t('template.lead')}</p>
      <Answer query={templates}>
        {(data) =>
          data.length === 0 && edited === null ? (
            <Empty title={t('template.empty')} hint={t('template.empty_hint')} />
          ) : (
            <ul className="policy-list">
              {data.map((made) => (
                <TemplateEntry
                  key={made.id}
                  made={made}
                  {...(mayFor(user, 'rules', made.unit_id, units) && { onEdit: () => setEdited(made) })}
                />
              ))}
            </ul>
          )
        }
      </Answer>
      {edited !== null ? (
        <TemplateForm
          key={edited === 'new' ? 'new' : edited.id}
          unit={station.unit_id}
          base={edited === 'new' ? null : edited}
          onDone={() => setEdited(null)}
        />
      ) : (
        mayAdd && (
          <Button icon={<PlusOutlined />} onClick={() => setEdited('new')}>
            {t('template.add')}
          </Button>
        )
      )}
    </section>
  )
}

interface TemplateEntryProps {
  readonly made: SessionTemplate
  readonly onEdit?: () => void
}

function TemplateEntry({ made, onEdit }: TemplateEntryProps) {
  const { t } = useTranslation()
  const unitName = useUnitNames()
  const remove = useMutation({
    mutationFn: () => deleteTemplate(made.id, made.revision),
    onSuccess: hoursChanged,
  })
  return (
    <li className="policy" data-template={made.id}>
      <h3>{made.name}</h3>
      <p className="quiet">{unitName(made.unit_id)}</p>
      <ol className="template-parts">
        {made.parts.map((part) => (
          <li key={part.id} data-part={part.kind}>
            <PartWords part={part} />
          </li>
        ))}
      </ol>
      {remove.error !== null && <ProblemNotice error={remove.error} />}
      {onEdit !== undefined && (
        <div className="action-buttons">
          <Button
            icon={<EditOutlined />}
            aria-label={t('template.edit_name', { name: made.name })}
            onClick={onEdit}
          >
            {t('template.edit')}
          </Button>
          <Popconfirm
            title={t('template.delete_sure')}
            okText={t('template.delete')}
            okButtonProps={{ danger: true }}
            onConfirm={() => remove.mutate()}
          >
            <Button
              danger
              type="text"
              icon={<DeleteOutlined />}
              aria-label={t('template.delete_name', { name: made.name })}
              loading={remove.isPending}
            />
          </Popconfirm>
        </div>
      )}
    </li>
  )
}

function PartWords({ part }: { readonly part: TemplatePart }) {
  const { t } = useTranslation()
  const says = [
    part.title === '' ? null : part.title,
    part.kind === 'relay' ? part.source : null,
    part.at === null ? null : t('template.exactly', { at: minuteText(part.at) }),
    hasTune(part.kind)
      ? null
      : part.most_seconds === 0
        ? t('template.elastic')
        : part.kind === 'relay'
          ? minuteText(part.most_seconds)
          : t('template.up_to', { most: minuteText(part.most_seconds) }),
    part.least_seconds === 0 ? null : t('template.at_least', { least: minuteText(part.least_seconds) }),
    part.cut_order === 0 ? null : t('template.cut_mark', { order: part.cut_order }),
  ].filter((word) => word !== null)
  return (
    <>
      <strong>{t(`part.${part.kind}`)}</strong>
      {says.length > 0 && <span className="quiet"> · {says.join(' · ')}</span>}
    </>
  )
}
