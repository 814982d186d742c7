"""what categories of the second level are called in English

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-30 14:30:00.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

# The catalogue that is shipped; what a township called otherwise has no English name yet.
SHIPPED = (
    ('01.1', '贷款', 'Loans'),
    ('01.2', '续贷', 'Loan renewal'),
    ('01.3', '担保', 'Guarantees'),
    ('01.4', '抵押', 'Mortgages and collateral'),
    ('01.5', '信用', 'Credit records'),
    ('02.1', '招工', 'Recruitment'),
    ('02.2', '技工', 'Skilled workers'),
    ('02.3', '季节工', 'Seasonal workers'),
    ('02.4', '培训', 'Training'),
    ('02.5', '社保咨询', 'Social insurance'),
    ('02.6', '职工子女入学', "Schooling for employees' children"),
    ('03.1', '土地确权', 'Land titles'),
    ('03.2', '地块调整', 'Plot adjustment'),
    ('03.3', '租地', 'Land leases'),
    ('03.4', '征迁补偿', 'Compensation for land and buildings'),
    ('03.5', '临时用地', 'Temporary land use'),
    ('04.1', '立项', 'Project registration'),
    ('04.2', '环评', 'Environmental impact assessment'),
    ('04.3', '能评', 'Energy assessment'),
    ('04.4', '施工许可', 'Construction permits'),
    ('04.5', '消防验收', 'Fire safety acceptance'),
    ('04.6', '规划', 'Planning'),
    ('05.1', '营业执照', 'Business licences'),
    ('05.2', '许可', 'Permits'),
    ('05.3', '备案', 'Record filing'),
    ('05.4', '变更', 'Changes of registration'),
    ('05.5', '注销', 'Deregistration'),
    ('06.1', '供电（增容、停电）', 'Power (capacity, outages)'),
    ('06.2', '供水（水压、停水）', 'Water (pressure, outages)'),
    ('06.3', '供气（停气）', 'Gas (outages)'),
    ('06.4', '宽带网络', 'Broadband'),
    ('07.1', '进厂道路', 'Access roads'),
    ('07.2', '限行', 'Traffic restrictions'),
    ('07.3', '停车', 'Parking'),
    ('07.4', '公交', 'Public transport'),
    ('07.5', '快递网点', 'Parcel services'),
    ('08.1', '退税', 'Tax refunds'),
    ('08.2', '开票', 'Invoicing'),
    ('08.3', '税务咨询', 'Tax advice'),
    ('08.4', '奖补拨付', 'Payment of grants'),
    ('09.1', '惠企政策', 'Support policies'),
    ('09.2', '奖补申报', 'Grant applications'),
    ('09.3', '招商承诺兑现', 'Promises made to investors'),
    ('10.1', '入库条件', 'Entry requirements'),
    ('10.2', '材料', 'Documents'),
    ('10.3', '报表', 'Statistical returns'),
    ('11.1', '订单', 'Orders'),
    ('11.2', '展销', 'Trade fairs'),
    ('11.3', '电商', 'E-commerce'),
    ('11.4', '品牌', 'Branding'),
    ('11.5', '出口', 'Exports'),
    ('12.1', '高企', 'High-tech enterprise status'),
    ('12.2', '专精特新', 'Specialised SME status'),
    ('12.3', '专利', 'Patents'),
    ('12.4', '智改数转', 'Smart and digital upgrading'),
    ('13.1', '环保整改', 'Environmental rectification'),
    ('13.2', '排污', 'Discharges'),
    ('13.3', '固废', 'Solid waste'),
    ('13.4', '投诉纠纷', 'Complaints and disputes'),
    ('14.1', '隐患整改', 'Hazard rectification'),
    ('14.2', '培训', 'Safety training'),
    ('14.3', '设施', 'Equipment'),
    ('14.4', '检查过多', 'Excessive inspections'),
    ('15.1', '农资', 'Farm supplies'),
    ('15.2', '灌溉', 'Irrigation'),
    ('15.3', '疫病', 'Animal and plant diseases'),
    ('15.4', '仓储冷链', 'Storage and cold chain'),
    ('15.5', '合作社', 'Cooperatives'),
    ('16.1', '村企纠纷', 'Disputes with villages'),
    ('16.2', '阻工', 'Obstruction of works'),
    ('16.3', '治安', 'Public order'),
    ('16.4', '噪声', 'Noise'),
    ('16.5', '垃圾', 'Refuse'),
    ('17.1', '政府拖欠', 'Owed by government bodies'),
    ('17.2', '企业拖欠', 'Owed by enterprises'),
    ('18.1', '检查频繁', 'Frequent inspections'),
    ('18.2', '处罚异议', 'Disputed penalties'),
    ('18.3', '乱收费', 'Improper charges'),
    ('18.4', '指定中介', 'Imposed intermediaries'),
    ('19.1', '办不成事', 'Matters left undone'),
    ('19.2', '推诿', 'Passing the buck'),
    ('19.3', '态度', 'Attitude'),
    ('20.1', '诉讼', 'Lawsuits'),
    ('20.2', '仲裁', 'Arbitration'),
    ('20.3', '信访', 'Petitions'),
)


def upgrade():
    categories = sa.table('categories', sa.column('code'), sa.column('name'), sa.column('name_en'))
    for code, name, name_en in SHIPPED:
        op.execute(
            categories.update()
            .where(categories.c.code == code, categories.c.name == name)
            .where(categories.c.name_en == '')
            .values(name_en=name_en)
        )


def downgrade():
    """Leave the names: the column was there before."""
