"""what an answer for all cites

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-24 04:49:12.000000

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('common_citations',
    sa.Column('common_id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['common_id'], ['common_problems.id'], name=op.f('fk_common_citations_common_id')),
    sa.ForeignKeyConstraint(['document_id'], ['policy_documents.id'], name=op.f('fk_common_citations_document_id')),
    sa.PrimaryKeyConstraint('common_id', 'document_id', name=op.f('pk_common_citations'))
    )


def downgrade():
    op.drop_table('common_citations')
