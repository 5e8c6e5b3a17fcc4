/** How often, when and beside what an item may sound. Folded away: most items need none of it. */
import { Checkbox, Collapse, Form, Input, InputNumber, Select } from 'antd'
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Item } from '@/api/types'
import { useItems, useStations } from '@/app/queries'
import { countRules, noPlayRules, playPeriods } from '@/lib/play_rules'
import { matches } from '@/lib/text'

export function PlayRulesFields({ item }: { readonly item?: Item }) {
  const { t } = useTranslation()
  const items = useItems('', '').data
  const stations = useStations().data
  const itemOptions = useMemo(
    () =>
      (items ?? [])
        .filter(({ id, status }) => id !== item?.id && status !== 'withdrawn')
        .map(({ id, title }) => ({ value: id, label: title })),
    [items, item],
  )
  const stationOptions = (stations ?? []).map(({ id, name }) => ({ value: id, label: name }))
  const filterOption = (text: string, option?: { label: string }) => matches(text, option?.label ?? '')
  const binding = countRules(item?.play_rules ?? noPlayRules)
  return (
    <Collapse
      className="play-rules"
      {...(binding > 0 && { defaultActiveKey: 'rules' })}
      items={[
        {
          key: 'rules',
          forceRender: true,
          label: t('play_rules.title', { count: binding }),
          children: (
            <>
              <p className="quiet">{t('play_rules.lead')}</p>
              <div className="form-pair">
                <Form.Item
                  name={['rules', 'gap_hours']}
                  label={t('play_rules.gap')}
                  extra={t('play_rules.gap_hint')}
                >
                  <InputNumber
                    min={0}
                    max={8760}
                    step={1}
                    className="wide"
                    placeholder={t('play_rules.free')}
                    suffix={t('play_rules.hours')}
                  />
                </Form.Item>
                <Form.Item
                  name={['rules', 'not_before']}
                  label={t('play_rules.not_before')}
                  extra={t('play_rules.not_before_hint')}
                  rules={[{ pattern: /^([01]?\d|2[0-3]):[0-5]\d$/, message: t('hours.clock_rule') }]}
                >
                  <Input inputMode="numeric" maxLength={5} placeholder={t('play_rules.free')} />
                </Form.Item>
              </div>
              <div className="form-pair">
                <Form.Item name={['rules', 'plays_a_day']} label={t('play_rules.a_day')}>
                  <InputNumber
                    min={1}
                    max={1440}
                    precision={0}
                    className="wide"
                    placeholder={t('play_rules.free')}
                  />
                </Form.Item>
                <div className="rule-period">
                  <Form.Item name={['rules', 'plays']} label={t('play_rules.a_period')}>
                    <InputNumber
                      min={1}
                      max={10_000}
                      precision={0}
                      className="wide"
                      placeholder={t('play_rules.free')}
                    />
                  </Form.Item>
                  <Form.Item name={['rules', 'period']} label={t('play_rules.period')}>
                    <Select
                      options={playPeriods.map((value) => ({ value, label: t(`play_rules.per.${value}`) }))}
                    />
                  </Form.Item>
                </div>
              </div>
              <div className="form-pair">
                <Form.Item
                  name={['rules', 'series']}
                  label={t('play_rules.series')}
                  extra={t('play_rules.series_hint')}
                >
                  <Input maxLength={200} placeholder={t('play_rules.no_series')} />
                </Form.Item>
                <Form.Item
                  name={['rules', 'episode']}
                  label={t('play_rules.episode')}
                  dependencies={[['rules', 'series']]}
                  rules={[
                    ({ getFieldValue }) => ({
                      required: String(getFieldValue(['rules', 'series']) ?? '').trim() !== '',
                      message: t('form.required'),
                    }),
                  ]}
                >
                  <InputNumber min={1} max={100_000} precision={0} className="wide" />
                </Form.Item>
              </div>
              <Form.Item
                name={['rules', 'pair_with']}
                label={t('play_rules.pair')}
                extra={t('play_rules.pair_hint')}
              >
                <Select allowClear showSearch options={itemOptions} filterOption={filterOption} />
              </Form.Item>
              <Form.Item name={['rules', 'not_beside']} label={t('play_rules.not_beside')}>
                <Select mode="multiple" allowClear options={itemOptions} filterOption={filterOption} />
              </Form.Item>
              <Form.Item name={['rules', 'forbidden_at']} label={t('play_rules.forbidden')}>
                <Select mode="multiple" allowClear options={stationOptions} filterOption={filterOption} />
              </Form.Item>
              <Form.Item
                name={['rules', 'may_fade']}
                valuePropName="checked"
                extra={t('play_rules.may_fade_hint')}
                className="tight"
              >
                <Checkbox>{t('play_rules.may_fade')}</Checkbox>
              </Form.Item>
            </>
          ),
        },
      ]}
    />
  )
}
