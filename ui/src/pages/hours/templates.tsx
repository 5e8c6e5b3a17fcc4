/** What sessions are made of: the templates that a unit's stations may use. */
import { useTranslation } from 'react-i18next'
import { templateRemoved } from '@/api/endpoints'
import type { Presets, SessionTemplate, Station, TemplatePart } from '@/api/types'
import { useTemplates } from '@/app/queries'
import { hasTune, minuteText } from '@/lib/template'
import { LaidDown } from './laid_down'
import type { Offer } from './preset_choice'
import { TemplateForm, type TemplateDraft } from './template_form'

const offersOf = ({ templates }: Presets): Offer<TemplateDraft>[] =>
  templates.map(({ id, name, note, parts }) => ({ id, label: name, draft: { name, note, parts } }))

export function Templates({ station }: { readonly station: Station }) {
  return (
    <LaidDown<SessionTemplate, TemplateDraft>
      kind="template"
      station={station}
      query={useTemplates(station.unit_id)}
      offers={offersOf}
      removed={templateRemoved}
      body={({ parts }) => (
        <ol className="template-parts">
          {parts.map((part) => (
            <li key={part.id} data-part={part.kind}>
              <PartWords part={part} />
            </li>
          ))}
        </ol>
      )}
      form={(base, draft, onDone) => (
        <TemplateForm station={station} base={base} draft={draft} onDone={onDone} />
      )}
    />
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
