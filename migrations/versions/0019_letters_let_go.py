"""letters that are let go of, and what categories are called in English

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-30 10:20:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

# The catalogue that is shipped; what a township called otherwise has no English name yet.
SHIPPED = (
    ('01', '融资金融', 'Loans and finance'),
    ('02', '用工人才', 'Staff and training'),
    ('03', '用地与不动产', 'Land and property'),
    ('04', '项目建设与审批', 'Construction and approvals of projects'),
    ('05', '证照与行政审批', 'Licences and permits'),
    ('06', '要素保障', 'Power, water, gas and internet'),
    ('07', '交通物流', 'Roads, transport and delivery'),
    ('08', '财政税费', 'Taxes and public payments'),
    ('09', '政策咨询与兑现', 'Policies and promised support'),
    ('10', '升规入统与统计', 'Statistics and reporting'),
    ('11', '市场开拓与产销对接', 'Markets and sales'),
    ('12', '科技创新与数字化', 'Technology and digital change'),
    ('13', '生态环境', 'Environment'),
    ('14', '安全生产与消防', 'Work safety and fire safety'),
    ('15', '农业产业', 'Farming'),
    ('16', '周边环境与纠纷', 'Neighbours and disputes'),
    ('17', '拖欠账款', 'Unpaid invoices'),
    ('18', '涉企执法与收费', 'Inspections, fines and fees'),
    ('19', '服务效能与作风', 'Conduct of officials'),
    ('20', '涉法涉诉涉访', 'Lawsuits, arbitration and petitions'),
    ('99', '其他', 'Something else'),
)


def upgrade():
    with op.batch_alter_table('tellings', schema=None) as batch_op:
        batch_op.add_column(sa.Column('emptied_at', sa.DateTime(), nullable=True))
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.add_column(sa.Column('name_en', sa.String(length=80), server_default='', nullable=False))
    categories = sa.table('categories', sa.column('code'), sa.column('name'), sa.column('name_en'))
    for code, name, name_en in SHIPPED:
        op.execute(
            categories.update()
            .where(categories.c.code == code, categories.c.name == name)
            .values(name_en=name_en)
        )
    # Who wrote stands in the ticket.
    op.execute("UPDATE tellings SET contact_name = '', contact_phone = NULL WHERE state = 'released'")


def downgrade():
    with op.batch_alter_table('categories', schema=None) as batch_op:
        batch_op.drop_column('name_en')
    with op.batch_alter_table('tellings', schema=None) as batch_op:
        batch_op.drop_column('emptied_at')
