import { useMutation } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useNavigate, useSearchParams } from 'react-router-dom'
import { createItem } from '@/api/endpoints'
import { itemChanged, useUnits } from '@/app/queries'
import { Answer, Page, ProblemNotice } from '@/components/page'
import { useGroupNames } from '@/components/words'
import { ItemForm } from './item_form'
import '@/styles/library.css'

export function Component() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const units = useUnits()
  const groupName = useGroupNames()
  const [search] = useSearchParams()
  const groups = search.get('groups')?.split(',').filter(Boolean) ?? []
  const create = useMutation({
    mutationFn: createItem,
    onSuccess: async (item) => {
      await itemChanged(item.id)
      navigate(`/library/${item.id}`, { replace: true })
    },
  })
  return (
    <Page title={t('item.new')} lead={t('item.new_lead')} narrow>
      <Answer query={units}>
        {() => (
          <div className="panel">
            {groups.length > 0 && (
              <p className="note tone-info">
                {t('item.for_duty', { groups: groups.map(groupName).join('; ') })}
              </p>
            )}
            {create.error !== null && <ProblemNotice error={create.error} />}
            <ItemForm
              wanted={{ from: search.get('from'), until: search.get('until'), scope: search.get('unit') }}
              submitText={t('item.create_and_go_on')}
              pending={create.isPending}
              onSubmit={(input) => create.mutate(input)}
              onCancel={() => navigate('/library')}
            />
          </div>
        )}
      </Answer>
    </Page>
  )
}
