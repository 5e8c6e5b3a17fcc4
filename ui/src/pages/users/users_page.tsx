import { EditOutlined, UserAddOutlined } from '@ant-design/icons'
import { Button, Table, type TableColumnsType } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { User } from '@/api/types'
import { useUsers } from '@/app/queries'
import { Mark } from '@/components/mark'
import { Answer, Page } from '@/components/page'
import { useUnitNames } from '@/components/words'
import { useNarrow } from '@/lib/hooks'
import '@/styles/tables.css'

const UserDialog = lazy(() => import('./user_dialog'))

export function Component() {
  const { t } = useTranslation()
  const narrow = useNarrow()
  const users = useUsers()
  const unitName = useUnitNames()
  const [open, setOpen] = useState<User | 'new' | null>(null)

  const rolesOf = (user: User) => (
    <ul className="plain-list">
      {user.roles.map((grant) => (
        <li key={`${grant.role}/${grant.unit_id}`}>
          {t(`role.${grant.role}`)} <span className="quiet">· {unitName(grant.unit_id)}</span>
        </li>
      ))}
    </ul>
  )
  const activeMark = (user: User) => (
    <Mark tone={user.active ? 'good' : 'idle'}>{user.active ? t('users.active') : t('users.inactive')}</Mark>
  )
  const editButton = (user: User) => (
    <Button
      icon={<EditOutlined />}
      onClick={() => setOpen(user)}
      aria-label={t('users.edit_name', { name: user.full_name })}
    >
      {t('users.edit')}
    </Button>
  )
  const columns: TableColumnsType<User> = [
    {
      title: t('users.person'),
      key: 'person',
      render: (_, user) => (
        <>
          <strong>{user.full_name}</strong>
          <br />
          <span className="quiet">{user.username}</span>
        </>
      ),
    },
    { title: t('users.roles'), key: 'roles', render: (_, user) => rolesOf(user) },
    { title: t('users.state'), key: 'state', width: 170, render: (_, user) => activeMark(user) },
    { title: '', key: 'edit', width: 110, align: 'right', render: (_, user) => editButton(user) },
  ]

  return (
    <Page
      title={t('users.title')}
      lead={t('users.lead')}
      actions={
        <Button type="primary" icon={<UserAddOutlined />} onClick={() => setOpen('new')}>
          {t('users.create')}
        </Button>
      }
    >
      <Answer query={users}>
        {(data) =>
          narrow ? (
            <ul className="card-list">
              {data.map((user) => (
                <li key={user.id} className="panel">
                  <strong>{user.full_name}</strong> <span className="quiet">{user.username}</span>
                  {rolesOf(user)}
                  <div className="card-foot">
                    {activeMark(user)}
                    {editButton(user)}
                  </div>
                </li>
              ))}
            </ul>
          ) : (
            <div className="panel panel-flush">
              <Table<User> rowKey="id" columns={columns} dataSource={data} pagination={false} />
            </div>
          )
        }
      </Answer>
      {open !== null && (
        <Suspense fallback={null}>
          <UserDialog user={open === 'new' ? null : open} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </Page>
  )
}
