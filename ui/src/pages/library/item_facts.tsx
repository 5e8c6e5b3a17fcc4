import { useTranslation } from 'react-i18next'
import type { Item } from '@/api/types'
import { HashText } from '@/components/hash_text'
import { useTopicNames, useUnitNames } from '@/components/words'
import { dateTimeOf, showDate, showDuration } from '@/lib/time'
import { PlayRuleFacts } from './play_rule_facts'

export function ItemFacts({ item }: { readonly item: Item }) {
  const { t } = useTranslation()
  const topicName = useTopicNames()
  const unitName = useUnitNames()
  const earlier = item.versions.slice(0, -1).reverse()
  return (
    <section className="panel">
      <h2>{t('item.facts')}</h2>
      <dl className="facts">
        <div>
          <dt>{t('item.topics')}</dt>
          <dd>
            {item.topics.length === 0 ? (
              <span className="quiet">{t('library.no_topic')}</span>
            ) : (
              <ul className="plain-list">
                {item.topics.map((topicId) => (
                  <li key={topicId}>{topicName(topicId)}</li>
                ))}
              </ul>
            )}
          </dd>
        </div>
        <div>
          <dt>{t('item.unit')}</dt>
          <dd>{unitName(item.unit_id)}</dd>
        </div>
        <div>
          <dt>{t('item.scope')}</dt>
          <dd>{unitName(item.scope_unit_id)}</dd>
        </div>
        <div>
          <dt>{t('item.validity')}</dt>
          <dd>
            {item.valid_until === null
              ? t('library.valid_from', { from: showDate(item.valid_from) })
              : t('library.valid', { from: showDate(item.valid_from), until: showDate(item.valid_until) })}
          </dd>
        </div>
        <div>
          <dt>{t('item.priority')}</dt>
          <dd>{t(`priority.${item.priority}`)}</dd>
        </div>
        <PlayRuleFacts rules={item.play_rules} />
        <div>
          <dt>{t('item.created')}</dt>
          <dd>{dateTimeOf(item.created_at)}</dd>
        </div>
      </dl>
      {earlier.length > 0 && (
        <>
          <h3>{t('item.earlier_versions')}</h3>
          <ul className="plain-list versions">
            {earlier.map((version) => (
              <li key={version.number}>
                <strong>{t('item.version', { number: version.number })}</strong> {version.source_name}
                <br />
                <span className="quiet">
                  {dateTimeOf(version.created_at)}
                  {version.sha256 !== null && <> · {showDuration(version.duration_ms)} · </>}
                  {version.sha256 !== null && <HashText hash={version.sha256} />}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
