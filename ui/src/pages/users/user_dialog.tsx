import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { useMutation } from '@tanstack/react-query'
import { App, Button, Form, Input, Modal, Select, Switch } from 'antd'
import { useTranslation } from 'react-i18next'
import { changeUser, createUser } from '@/api/endpoints'
import { allRoles, type Role, type User } from '@/api/types'
import { queryClient } from '@/app/query_client'
import { ProblemNotice } from '@/components/page'
import { UnitSelect } from '@/components/unit_select'

interface Fields {
  username: string
  full_name: string
  password: string
  active: boolean
  roles: { role?: Role; unit_id?: string }[]
}

interface UserDialogProps {
  /** Null: a new person. */
  readonly user: User | null
  readonly onClose: () => void
}

export default function UserDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation()
  const { message } = App.useApp()
  const [form] = Form.useForm<Fields>()
  const save = useMutation({
    mutationFn: (fields: Fields) => {
      const roles = fields.roles.flatMap(({ role, unit_id }) =>
        role === undefined || unit_id === undefined ? [] : [{ role, unit_id }],
      )
      const common = { full_name: fields.full_name.trim(), roles }
      return user === null
        ? createUser({ ...common, username: fields.username, password: fields.password })
        : changeUser(user.id, {
            ...common,
            active: fields.active,
            ...(fields.password !== '' && { password: fields.password }),
          })
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['users'] })
      void message.success(t('users.saved'))
      onClose()
    },
  })
  const required = { required: true, message: t('form.required') }
  return (
    <Modal
      open
      title={user === null ? t('users.create') : t('users.edit_name', { name: user.full_name })}
      okText={user === null ? t('users.create') : t('item.save')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      width={620}
    >
      {save.error !== null && <ProblemNotice error={save.error} />}
      <Form<Fields>
        form={form}
        layout="vertical"
        requiredMark={false}
        autoComplete="off"
        onFinish={(fields) => save.mutate(fields)}
        initialValues={{
          username: user?.username ?? '',
          full_name: user?.full_name ?? '',
          password: '',
          active: user?.active ?? true,
          roles: user?.roles ?? [{}],
        }}
      >
        <div className="form-pair">
          <Form.Item
            name="full_name"
            label={t('users.full_name')}
            rules={[{ ...required, whitespace: true }]}
          >
            <Input maxLength={200} />
          </Form.Item>
          <Form.Item
            name="username"
            label={t('sign_in.username')}
            normalize={(value: string) => value.trim().toLowerCase()}
            rules={[
              { pattern: /^[a-z0-9][a-z0-9._-]{1,63}$/, required: true, message: t('users.username_rule') },
            ]}
          >
            <Input disabled={user !== null} autoCapitalize="none" spellCheck={false} />
          </Form.Item>
        </div>
        <Form.Item
          name="password"
          label={user === null ? t('users.first_password') : t('users.new_password')}
          extra={user === null ? t('users.first_password_hint') : t('users.new_password_hint')}
          rules={[{ required: user === null, min: 12, message: t('form.password_hint') }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
        <Form.List name="roles">
          {(fields, { add, remove }) => (
            <fieldset className="roles">
              <legend className="field-label">{t('users.roles')}</legend>
              {fields.map(({ key, name }) => (
                <div key={key} className="role-row">
                  <Form.Item name={[name, 'role']} rules={[required]}>
                    <Select<Role>
                      aria-label={t('users.role')}
                      placeholder={t('users.role')}
                      options={allRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
                    />
                  </Form.Item>
                  <Form.Item name={[name, 'unit_id']} rules={[required]}>
                    <UnitSelect allowClear={false} />
                  </Form.Item>
                  <Button
                    type="text"
                    danger
                    icon={<DeleteOutlined />}
                    aria-label={t('users.remove_role')}
                    onClick={() => remove(name)}
                  />
                </div>
              ))}
              <Button type="dashed" icon={<PlusOutlined />} onClick={() => add({})}>
                {t('users.add_role')}
              </Button>
            </fieldset>
          )}
        </Form.List>
        {user !== null && (
          <Form.Item name="active" label={t('users.may_sign_in')} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
      </Form>
    </Modal>
  )
}
