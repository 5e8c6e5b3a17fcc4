/** The library: every item, how far it has come, and the way to the next one. */
import { CustomerServiceOutlined, PlusOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router-dom'
import { allItemStatuses, type Item, type ItemStatus } from '@/api/types'
import { useItems, useTopics } from '@/app/queries'
import { useUser } from '@/app/session'
import { Mark } from '@/components/mark'
import { Answer, Empty, Page } from '@/components/page'
import { useGroupNames, useTopicNames, useUnitNames } from '@/components/words'
import { useDebounced } from '@/lib/hooks'
import { mayAnywhere } from '@/lib/roles'
import { showDate, showDuration } from '@/lib/time'
import { toneOfStatus } from '@/lib/tones'
import { PriorityTag } from './priority_tag'
import '@/styles/library.css'

export function Component() {
  const { t } = useTranslation()
  const user = useUser()
  const mayEdit = mayAnywhere(user, 'edit')
  const groupName = useGroupNames()
  const [search, setSearch] = useSearchParams()
  const status = allItemStatuses.find((known) => known === search.get('status'))
  const groups = search.get('groups')?.split(',').filter(Boolean) ?? []
  const topics = useTopics().data
  const [text, setText] = useState('')
  const items = useItems(status ?? '', useDebounced(text.trim(), 250))
  const filtered = status !== undefined || text.trim() !== '' || groups.length > 0
  const inGroups = (item: Item) =>
    groups.length === 0 ||
    item.topics.some((id) => groups.includes(topics?.find((topic) => topic.id === id)?.group ?? ''))

  return (
    <Page
      title={t('library.title')}
      lead={t('library.lead')}
      actions={
        mayEdit && (
          <Link to="/library/new">
            <Button type="primary" icon={<PlusOutlined />}>
              {t('library.create')}
            </Button>
          </Link>
        )
      }
    >
      <div className="filters">
        <Select<ItemStatus>
          allowClear
          className="status-select"
          aria-label={t('library.status')}
          placeholder={t('library.any_status')}
          {...(status !== undefined && { value: status })}
          onChange={(value: ItemStatus | undefined) =>
            setSearch(
              {
                ...(value !== undefined && { status: value }),
                ...(groups.length > 0 && { groups: groups.join(',') }),
              },
              { replace: true },
            )
          }
          options={allItemStatuses.map((value) => ({ value, label: t(`status.${value}`) }))}
        />
        <Input
          allowClear
          prefix={<SearchOutlined />}
          aria-label={t('library.find')}
          placeholder={t('library.find')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </div>
      {groups.length > 0 && (
        <p className="group-filter">
          {t('library.groups', { groups: groups.map(groupName).join('; ') })}{' '}
          <Button
            size="small"
            onClick={() => setSearch(status === undefined ? {} : { status }, { replace: true })}
          >
            {t('library.any_group')}
          </Button>
        </p>
      )}
      <Answer query={items} rows={8}>
        {(data) =>
          data.some(inGroups) ? (
            <ul className="item-list panel panel-flush">
              {data.filter(inGroups).map((item) => (
                <ItemRow key={item.id} item={item} />
              ))}
            </ul>
          ) : filtered ? (
            <Empty title={t('library.no_match')} hint={t('library.no_match_hint')} />
          ) : (
            <Empty
              icon={<CustomerServiceOutlined />}
              title={t('library.empty')}
              hint={mayEdit ? t('library.empty_hint') : t('library.empty_hint_reader')}
              action={
                mayEdit && (
                  <Link to="/library/new">
                    <Button type="primary" icon={<PlusOutlined />}>
                      {t('library.create')}
                    </Button>
                  </Link>
                )
              }
            />
          )
        }
      </Answer>
    </Page>
  )
}

function ItemRow({ item }: { readonly item: Item }) {
  const { t } = useTranslation()
  const topicName = useTopicNames()
  const unitName = useUnitNames()
  const version = item.versions.at(-1)
  return (
    <li>
      <Link to={`/library/${item.id}`} className="item-row">
        <span className="item-main">
          <span className="item-title">{item.title}</span>
          <span className="quiet item-topics">
            {item.topics.length === 0 ? t('library.no_topic') : item.topics.map(topicName).join(' · ')}
          </span>
          <span className="quiet item-facts">
            {unitName(item.unit_id)}
            <span>
              {item.valid_until === null
                ? t('library.valid_from', { from: showDate(item.valid_from) })
                : t('library.valid', { from: showDate(item.valid_from), until: showDate(item.valid_until) })}
            </span>
          </span>
        </span>
        <span className="item-side">
          <Mark tone={toneOfStatus(item.status)}>{t(`status.${item.status}`)}</Mark>
          <span className="item-side-facts">
            <PriorityTag priority={item.priority} />
            {version?.sha256 != null && (
              <span className="item-duration">{showDuration(version.duration_ms)}</span>
            )}
          </span>
        </span>
      </Link>
    </li>
  )
}
